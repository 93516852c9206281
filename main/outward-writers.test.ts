import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../build/lib/paths.mjs';
import { filesUnder } from '../build/lib/stamp.mjs';

/** Whatever puts text where somebody else can read it: files that are written, streams of the program, the console. */
const WRITER =
  /\b(?:appendFile(?:Sync)?|writeFile(?:Sync|Atomic)?|createWriteStream|writeSync)\(|\bprocess\.std(?:out|err)\.write\(|\bconsole\.|\bpino\(/;

/** The modules of the host that write, and why no secret leaves by it. A new one is judged before it is added. */
const JUDGED: Readonly<Record<string, string>> = {
  'main/host.ts': 'the log of the tunnel, through the gate',
  'main/headless.ts': 'the ready line: addresses and a pid; a crash report names its file',
  'main/crash-report.ts': 'through the gate',
  'main/ports.node.ts': 'the log of the host: every line through the gate',
  'main/services/supervisor/shim/terminal.ts': 'a mark of its own that ends the output of a terminal',
  'main/acp/workspace-files.ts': 'a declaration',
  'main/services/sessions/own/own-trash.ts': 'where a session that was deleted belongs: paths, mode 0600',
  'main/services/sessions/set-aside.ts': 'what cannot be read, kept as it was, mode 0600',
  'main/services/tasks/result-diff.ts': 'names of trees of git, and a note for its index, mode 0600',
  'main/services/agents/update-json-file.ts':
    'settings of an agent, mode 0600: a token for the bridge, where the owner asked for it',
  'main/services/bridge/write-file.ts':
    'a file of the workspace, as the client gave it and the owner allowed it',
  'main/services/gateway/control-socket.ts': 'the path of the socket, for the owner of the home',
  'main/services/handoff/context-folder.ts':
    'diffs, reports, output and steps that have passed the gate, for the owner of the workspace, mode 0600',
  'main/services/sessions/timeline-file.ts': 'entries that have passed the gate',
  'main/services/supervisor/logs/log-sink.ts': 'what a process printed, mode 0600; read through the gate',
  'main/services/supervisor/shim/shim-main.ts': 'one word to the host that starts it',
  'main/services/tasks/file-requests.ts':
    'a file of the workspace, as the agent gave it and the owner allowed it',
  'main/services/tunnels/tunnel-plan.ts':
    'the configuration of cloudflared, which names the file of the token',
};
/** Folders of programs of their own, and of state that stays in the home with mode 0600. */
const APART = [
  'main/cli',
  'main/electron',
  'main/testing',
  'main/guard',
  'main/kernel',
  'main/secret-store.node.ts',
  'main/services/agents/demo',
  // Its records have passed the gate in host.ts; what it writes is those and their hashes.
  'main/services/audit',
];

test('every module of the host that writes was judged: what leaves goes through the outbound gate', () => {
  const writers = filesUnder(join(ROOT, 'main'), () => false)
    .filter((path) => /\.ts$/.test(path) && !/\.test\.ts$|fakes\.ts$/.test(path))
    .map((path) => relative(ROOT, path))
    .filter((path) => !APART.some((folder) => path.startsWith(folder)))
    .filter((path) => WRITER.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(writers.filter((path) => !(path in JUDGED))).toEqual([]);
  expect(Object.keys(JUDGED).filter((path) => !writers.includes(path))).toEqual([]);
});

test('what carries content out takes the gate in the composition root', () => {
  const host = readFileSync(join(ROOT, 'main/host.ts'), 'utf8');
  for (const way of [
    /ports\.log\(sanitize\('log'\)\)/,
    /store\?\.publish\(outbound\.value\('state', event\)\)/,
    /auditLog\.append\(outbound\.value\('audit', entry\)\)/,
    /createByteStreams\(\{ redactor: \(\) => outbound\.stream\(\) \}\)/,
    /cleanReplies\(plainRouter, outbound\)/,
    /cleanCrash: sanitize\('crash'\)/,
    /registeredSecrets\(ports\.secrets, own\)/,
  ]) {
    expect(host).toMatch(way);
  }
});
