// Behaves as cloudflared was measured to: a metrics listener, /ready, /quicktunnel, JSON lines on standard error and
// its ways to fail. `STAND_IN_MODE` chooses one, `STAND_IN_CONTROL` is a file whose text changes its mind later on,
// `STAND_IN_REPORT` a file for what it was started with.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const {
  STAND_IN_MODE: mode,
  STAND_IN_CONTROL: control,
  STAND_IN_REPORT: report,
  STAND_IN_VERSION: version,
} = process.env;
const argv = process.argv.slice(2);

const say = (level, message, more = {}) =>
  process.stderr.write(`${JSON.stringify({ level, message, time: new Date().toISOString(), ...more })}\n`);

if (argv[0] === '--version') {
  console.log(version ? `cloudflared version ${version} (built 2026-08-20-1200 UTC)` : 'something else 1.0');
  process.exit(0);
}

const config = readFileSync(argv[argv.indexOf('--config') + 1], 'utf8');
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STAND_IN_')));
writeFileSync(report, JSON.stringify({ argv, env, config, pid: process.pid }));

if (mode === 'usage') {
  console.log('Incorrect Usage: flag provided but not defined: -output');
  process.exit(0);
}
if (mode === 'rate-limited') {
  say('error', 'Error unmarshaling QuickTunnel response: error code: 1015', {
    status_code: '429 Too Many Requests',
  });
  process.stderr.write(
    "failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value\n",
  );
  process.exit(1);
}
if (mode === 'token') {
  process.stderr.write('Provided Tunnel token is not valid.\n');
  process.exit(255);
}

const isQuick = !argv.includes('run');
const hostname =
  mode === 'evil-name' ? 'evil.example.com/x?.trycloudflare.com' : 'lab-quiet-otter.trycloudflare.com';
let connected = false;
const metrics = createServer((request, response) => {
  if (request.url === '/ready') {
    response.writeHead(connected ? 200 : 503, { 'content-type': 'text/plain' });
    response.end(JSON.stringify({ status: connected ? 200 : 503, readyConnections: connected ? 1 : 0 }));
  } else if (request.url === '/quicktunnel')
    response.end(JSON.stringify({ hostname: isQuick ? hostname : '' }));
  else response.writeHead(404).end();
});
metrics.listen(0, '127.0.0.1', () => {
  say('info', `Starting metrics server on 127.0.0.1:${metrics.address().port}/metrics`);
  if (mode === 'refused') {
    say('error', 'Register tunnel error from server side', {
      error: 'Unauthorized: Invalid tunnel secret',
      connIndex: 0,
    });
  } else if (mode !== 'never-ready') connect();
});

function connect() {
  connected = true;
  say('info', 'Registered tunnel connection', { connIndex: 0, protocol: 'http2' });
}

if (control) {
  // Not watchFile: it takes its first look when it gets to it, and a wish that comes before that is never seen.
  const written = () => statSync(control, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  let seen = written();
  setInterval(() => {
    if (written() === seen) return;
    seen = written();
    const wish = readFileSync(control, 'utf8').trim();
    if (wish === 'lose' && connected) {
      connected = false;
      say('info', 'Lost connection with the edge', { connIndex: 0 });
      say('info', 'Retrying connection in up to 1s', { connIndex: 0 });
    } else if (wish === 'find' && !connected) connect();
    else if (wish === 'crash') {
      say('error', 'Initiating shutdown', { error: 'the disk is on fire' });
      process.exit(1);
    }
  }, 20);
}

process.on('SIGTERM', () => {
  say('info', 'Initiating graceful shutdown due to signal terminated ...');
  if (mode === 'stubborn') return;
  say('error', 'no more connections active and exiting');
  process.exit(0);
});
