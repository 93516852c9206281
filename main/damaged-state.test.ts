import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { TokenId } from '../contract/ids.ts';
import { pair, value } from './testing/journey.ts';
import { seeded } from './testing/seeded.ts';
import { temporaryFolder } from './testing/temporary.ts';
import { startTestHost } from './testing/test-host.ts';

const CONFIG = `secrets:
  store: file
policy:
  rules:
    - id: owner.never
      effect: deny
      when:
        pathAny: ['**/never']
`;
const PARTS = ['state.db', 'state.db-wal', 'state.db-shm', 'audit', 'secrets', 'config.yaml', 'outside'];

/** What is done to a home, and whether the host then starts, refuses to, or may do either. */
type Damage = readonly [string, 'starts' | 'refuses' | 'either', (home: string) => void];

const overwrite = (file: string, at: number, bytes: Uint8Array): void => {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
};
const garbage = (count: number): Buffer => {
  const dice = seeded(count);
  return Buffer.from(Array.from({ length: count }, () => dice(256)));
};
const state = (home: string): string => join(home, 'state.db');
const config = (home: string): string => join(home, 'config.yaml');
const segment = (home: string): string =>
  join(home, 'audit', readdirSync(join(home, 'audit')).find((name) => name.startsWith('audit-')) ?? '');
const schema = (home: string, version: number): void => {
  const db = new DatabaseSync(state(home));
  db.exec(`PRAGMA user_version = ${version}`);
  db.close();
};

const DAMAGES: readonly Damage[] = [
  ['nothing', 'starts', () => {}],
  ['state of a newer version', 'refuses', (home) => schema(home, 999)],
  ['state.db gone', 'starts', (home) => rmSync(state(home))],
  ['state.db empty', 'starts', (home) => truncateSync(state(home), 0)],
  ['state.db cut in its header', 'either', (home) => truncateSync(state(home), 60)],
  ['state.db cut in half', 'either', (home) => truncateSync(state(home), statSync(state(home)).size / 2)],
  [
    'state.db cut in a page',
    'either',
    (home) => truncateSync(state(home), statSync(state(home)).size - 1000),
  ],
  ['state.db garbage', 'refuses', (home) => writeFileSync(state(home), garbage(8192))],
  ['garbage in the second page', 'either', (home) => overwrite(state(home), 4096, garbage(4096))],
  ['a journal of garbage', 'starts', (home) => writeFileSync(`${state(home)}-wal`, garbage(5000))],
  ['config cut in a rule', 'refuses', (home) => truncateSync(config(home), CONFIG.indexOf('when:') + 3)],
  ['config garbage', 'refuses', (home) => writeFileSync(config(home), garbage(200))],
  ['config of a newer version', 'refuses', (home) => appendFileSync(config(home), 'future: 1\n')],
  ['log torn', 'starts', (home) => truncateSync(segment(home), statSync(segment(home)).size - 7)],
  ['log with garbage in it', 'refuses', (home) => overwrite(segment(home), 300, garbage(50))],
  ['log gone', 'starts', (home) => rmSync(segment(home))],
  ['folder of the log gone', 'starts', (home) => rmSync(join(home, 'audit'), { recursive: true })],
  ['id of the log garbage', 'refuses', (home) => writeFileSync(join(home, 'audit', 'log-id'), 'zz\n')],
  ['hashes garbage', 'starts', (home) => writeFileSync(join(home, 'audit', 'hashes'), garbage(999))],
  [
    'checkpoints garbage',
    'starts',
    (home) => writeFileSync(join(home, 'audit', 'checkpoints.txt'), garbage(999)),
  ],
  [
    'beginning of the log garbage',
    'refuses',
    (home) => writeFileSync(join(home, 'audit', 'base.json'), '{"seq"'),
  ],
  ['keys cut', 'either', (home) => eachKey(home, (file) => truncateSync(file, 3))],
  ['keys garbage', 'either', (home) => eachKey(home, (file) => writeFileSync(file, garbage(40)))],
  ['keys gone', 'either', (home) => rmSync(join(home, 'secrets'), { recursive: true })],
  ['mark outside garbage', 'starts', (home) => eachAnchor(home, (file) => writeFileSync(file, garbage(40)))],
];

function eachKey(home: string, act: (file: string) => void): void {
  const folder = join(home, 'secrets');
  for (const name of readdirSync(folder)) if (name !== 'store') act(join(folder, name));
}

function eachAnchor(home: string, act: (file: string) => void): void {
  const folder = join(home, 'outside', 'signalbox', 'anchors');
  for (const name of readdirSync(folder)) act(join(folder, name));
}

function copyParts(from: string, to: string): void {
  for (const name of PARTS) {
    rmSync(join(to, name), { recursive: true, force: true });
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
  }
}

/** A home in lock-down, with a phone that was revoked, one that was not, a token that was ended and a rule that denies. */
async function restrictedHome() {
  const host = await startTestHost({ config: CONFIG });
  const { deviceId: revoked } = await pair(host);
  await pair(host);
  const { info } = value(await host.owner.call('gateway.createToken', { kind: 'mcp' }));
  value(await host.owner.call('gateway.revokeToken', { tokenId: TokenId.parse(info.id) }));
  value(await host.owner.call('identity.revokeDevice', { deviceId: revoked }));
  value(await host.owner.call('host.lockDown', {}));
  await host.host.stop();
  const kept = join(temporaryFolder(), 'kept');
  mkdirSync(kept, { mode: 0o700 });
  // All of it in the one file that is damaged.
  const db = new DatabaseSync(state(host.root));
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  copyParts(host.root, kept);
  return { root: host.root, kept, revoked, token: info.id };
}

test('a state that is damaged in any way never lifts a restriction: the host starts with all, or says why not', async () => {
  const { root, kept, revoked, token } = await restrictedHome();
  const [fewer, silent, other]: [string[], string[], string[]] = [[], [], []];
  let [started, refused] = [0, 0];
  for (const [what, outcome, damage] of DAMAGES) {
    copyParts(kept, root);
    damage(root);
    const host = await startTestHost({ root }).catch((error: unknown) => error as Error);
    if (host instanceof Error) {
      refused += 1;
      if (outcome === 'starts') other.push(`${what}: ${host.message}`);
      // Whoever reads this must know where to look.
      if (!/state\.db|config\.yaml|secret|key|audit/.test(host.message))
        silent.push(`${what}: ${host.message}`);
      continue;
    }
    started += 1;
    if (outcome === 'refuses') other.push(`${what}: starts`);
    const { mode } = host.host.store.state.host;
    const { rules } = value(await host.owner.call('approvals.showPolicy', {}));
    const { devices } = value(await host.owner.call('identity.listDevices', {}));
    const { tokens } = value(await host.owner.call('gateway.listTokens', {}));
    if (mode !== 'locked-down') fewer.push(`${what}: ${mode}`);
    if (!rules.some(({ id }) => id === 'owner.never')) fewer.push(`${what}: no rule`);
    if (devices.some(({ id, state: now }) => id === revoked && now !== 'revoked'))
      fewer.push(`${what}: device`);
    if (tokens.some(({ id, state: now }) => id === token && now === 'active')) fewer.push(`${what}: token`);
    await host.host.stop();
  }
  process.stdout.write(
    `damaged state: ${DAMAGES.length} ways, ${started} started with every restriction, ${refused} refused with a message, ${fewer.length} with fewer\n`,
  );
  expect({ fewer, silent, other }).toEqual({ fewer: [], silent: [], other: [] });
}, 60_000);
