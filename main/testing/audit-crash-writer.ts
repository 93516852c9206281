/**
 * A process for the crash tests: four writers append to the log in the folder that it is given, and every record that
 * was acknowledged is named on stdout, until the process is killed.
 */
import { writeSync } from 'node:fs';
import { handClock, memorySecrets, realRandom } from './fake-ports.ts';
import { createAudit } from '../services/audit/audit.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const audit = createAudit({
  folder,
  clock: { ...handClock(), now: () => Date.now() },
  random: realRandom,
  secrets: memorySecrets(),
  keepDays: null,
  publish: () => {},
  raise: () => {},
});

async function writer(name: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const object = `${round}-${name}-${count}`;
    await audit.append({
      actor: 'host',
      type: 'test.happened',
      object,
      facts: { padding: 'x'.repeat(count % 300) },
    });
    writeSync(1, `${object}\n`);
  }
}

await audit.start();
await Promise.all([0, 1, 2, 3].map(writer));
