import { createBench, owner, shell } from '../services/supervisor/fakes.ts';

/** A host that is to be killed: starts processes that count aloud, tells when they run, and waits for its end. */
const [folder = '', shim = '', count = '20'] = process.argv.slice(2);
const bench = createBench({ folder, shim });
await bench.supervisor.start();
const line = 'i=0; while :; do i=$((i+1)); echo "line $i"; [ $((i % 50)) -eq 0 ] && sleep 0.01; done';
await Promise.all(
  Array.from({ length: Number(count) }, async (_value, index) =>
    bench.call['supervisor.run'](
      shell(`p${index}`, line, { ready: { kind: 'text', text: 'line 10' } }),
      owner,
    ),
  ),
);
await bench.until(() => bench.supervisor.snapshot().every((one) => one.state === 'ready'));
process.stdout.write('up\n');
setInterval(() => {}, 60_000);
