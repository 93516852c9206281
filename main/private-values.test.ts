import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { CommandName, InputOf, OutputOf } from '../contract/commands.ts';
import { DeviceId } from '../contract/ids.ts';
import type { Reply } from '../contract/errors.ts';
import type { StreamFrame } from '../contract/stream.ts';
import { createHost } from './host.ts';
import { deviceCaller, mcpCaller, ownerCaller } from './kernel/caller.ts';
import { openConfig } from './kernel/config.ts';
import { homeLayout, makeHome } from './kernel/home.ts';
import { noOsPrompt } from './services/presence/ports.ts';
import type { Log, SecretStore } from './kernel/ports.ts';
import { viewFor } from './kernel/view.ts';
import { nodeClock, nodeRandom } from './ports.node.ts';
import { memorySecrets } from './testing/fake-ports.ts';
import { temporaryFolder } from './testing/temporary.ts';

const { rgPath } = createRequire(import.meta.url)('@vscode/ripgrep') as { rgPath: string };
const owner = ownerCaller('desktop');

/** A store that remembers every value that went in or out of it. */
function watchedSecrets(): { store: SecretStore; values: Map<string, Uint8Array> } {
  const values = new Map<string, Uint8Array>();
  const inner = memorySecrets();
  return {
    values,
    store: {
      ...inner,
      async set(name, value) {
        values.set(name, value);
        await inner.set(name, value);
      },
    },
  };
}

async function startHost() {
  const root = temporaryFolder('private-values');
  const home = homeLayout(root, { XDG_STATE_HOME: join(root, 'outside') });
  makeHome(home);
  const secrets = watchedSecrets();
  const logged: string[] = [];
  const environment = `of-the-environment-${nodeRandom.id()}`;
  const log = (sanitize: (text: string) => string): Log => {
    const line = (facts: Record<string, unknown>, message: string) =>
      void logged.push(sanitize(JSON.stringify({ ...facts, message })));
    return { info: line, warn: line, error: line };
  };
  const host = createHost({
    home,
    config: openConfig(home.config),
    clock: nodeClock,
    random: nodeRandom,
    secrets: secrets.store,
    log,
    env: { ...process.env, DEPLOY_TOKEN: environment },
    kind: 'headless',
    name: 'private-values',
    version: '0.0.0-test',
    sites: { dashboard: join(root, 'no-site'), companion: join(root, 'no-site') },
    shimArgv: null,
    demoArgv: [process.execPath, join(root, 'no-agent.mjs')],
    ripgrepPath: () => rgPath,
    doctor: { examine: () => Promise.resolve([]) },
    osPrompt: noOsPrompt,
  });
  await host.start();
  onTestFinished(() => host.stop());
  const reply = (name: string, input: unknown): Promise<Reply> => host.call(owner, name, input, undefined);
  async function call<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>> {
    const answer = await reply(name, input);
    if (!answer.ok) throw new Error(`${name}: ${answer.error.message}`);
    return answer.value as OutputOf<N>;
  }
  return { host, home, root, secrets, logged, environment, reply, call };
}

type Started = Awaited<ReturnType<typeof startHost>>;

/** Makes the host make, meet and store every kind of private value that it has. */
async function makePrivateValues({ host, root, secrets, environment, reply, call }: Started) {
  const token = await call('gateway.createToken', { kind: 'mcp', name: 'planted' });
  const invitation = await call('identity.createInvitation', { scope: 'view' });
  const link = new URL(invitation.link);
  const dashboard = host.store.state.listeners.dashboard ?? '';
  const origin = new URL(dashboard).origin;
  const admitted = await fetch(`${origin}/admit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'a browser' }),
  });
  const cookie = /signalbox_session=([^;]+)/.exec(admitted.headers.get('set-cookie') ?? '')?.[1] ?? '';
  const { deviceId, checkCode } = (await admitted.json()) as { deviceId: string; checkCode: string };
  await reply('identity.approveDevice', { deviceId, code: checkCode });
  // It is known from its first use on: before that it opens nothing.
  await fetch(`${origin}/host`, { headers: { cookie: `signalbox_session=${cookie}` } });
  const tunnelToken = Buffer.from(
    JSON.stringify({ a: 'b'.repeat(32), t: nodeRandom.id(), s: nodeRandom.id() }),
  ).toString('base64');
  const tokenFile = join(root, 'tunnel-token');
  writeFileSync(tokenFile, tunnelToken);
  chmodSync(tokenFile, 0o600);
  const opened = { driver: 'named', tokenFile, hostname: 'box.example.com' } as const;
  await reply('tunnels.open', opened);
  await reply('tunnels.close', {});
  // The key of the record is made when it first signs.
  await call('audit.verify', {});
  const processSecret = `of-a-process-${nodeRandom.id()}`;
  return {
    processSecret,
    texts: {
      'access token': token.token,
      'invitation text': invitation.text,
      'invitation link': link.hash === '' ? invitation.link : link.hash.slice(1),
      cookie,
      'tunnel token': tunnelToken,
      'environment of the host': environment,
      'environment of a process': processSecret,
    },
    bytes: Object.fromEntries(secrets.values),
  };
}

/** How careless code writes a value down. */
function written(values: Awaited<ReturnType<typeof makePrivateValues>>): { name: string; form: string }[] {
  const texts = Object.entries(values.texts).flatMap(([name, value]) =>
    [
      value,
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
    ].map((form) => ({ name, form: form.replace(/=+$/, '') })),
  );
  const bytes = Object.entries(values.bytes).flatMap(([name, value]) => {
    const buffer = Buffer.from(value);
    return [
      buffer.toString('hex'),
      buffer.toString('base64').replace(/=+$/, ''),
      buffer.toString('base64url'),
      [...buffer].join(','),
      /<Buffer ([^>]*)>/.exec(inspect(buffer))?.[1] ?? '',
    ].map((form) => ({ name, form }));
  });
  return [...new Map([...texts, ...bytes].map((one) => [one.form, one])).values()];
}

const settled = async (look: () => boolean): Promise<void> => {
  while (!look()) await new Promise((resolve) => setImmediate(resolve));
};

test('no private value of the host leaves by any way, in any form', { timeout: 60_000 }, async () => {
  const started = await startHost();
  const { host, home, root, logged, reply, call } = started;
  const values = await makePrivateValues(started);
  const forms = written(values);
  for (const name of ['audit', 'host-key', 'device-psk-master', 'outbound-tag-key']) {
    expect(
      Object.keys(values.bytes).some((key) => key.includes(name)),
      name,
    ).toBe(true);
  }
  expect(Object.entries(values.texts).filter(([, value]) => value.length < 12)).toEqual([]);

  const out = new Map<string, string>();
  const take = (way: string, text: string): void => void out.set(way, `${out.get(way) ?? ''}${text}\n`);
  const frames: StreamFrame[] = [];
  host.store.subscribe(viewFor(owner), null, (frame) => frames.push(frame));

  // A process that has one of them in its environment prints them all.
  const workspace = join(root, 'work');
  mkdirSync(workspace);
  const all = forms.map(({ form }, index) => `line ${index} ${form} end`).join('\n');
  writeFileSync(join(workspace, 'all.txt'), `${all}\n`);
  const { id } = await call('workspaces.add', { path: workspace, name: 'work' });
  await call('supervisor.run', {
    name: 'printer',
    argv: ['/bin/sh', '-c', 'cat all.txt; printf "%s\\n" "$SECRET_OF_PROCESS"; exit 3'],
    cwd: workspace,
    env: { SECRET_OF_PROCESS: values.processSecret },
  });
  await settled(() => host.store.state.processes['printer']?.state !== 'starting');
  const log = (offset: number) => reply('supervisor.readLog', { name: 'printer', stream: 'stdout', offset });
  await settled(() => existsSync(join(home.logs, 'processes', 'printer', 'stdout.log')));
  let read = await log(0);
  while (!JSON.stringify(read).includes(`line ${forms.length - 1} `)) read = await log(0);
  take('log of a process', JSON.stringify(read));
  for (let offset = 1; offset < 400; offset += 7) take('log of a process', JSON.stringify(await log(offset)));

  // MCP, errors, state, timelines and the record: each form at each place that takes a text.
  const phone = deviceCaller(DeviceId.parse('planted'), 'manage');
  const client = mcpCaller('planted', 'read', null);
  take('MCP', JSON.stringify(await host.call(client, 'bridge.read', { path: 'all.txt' }, undefined)));
  take('MCP', JSON.stringify(await host.call(client, 'bridge.search', { pattern: 'line' }, undefined)));
  for (const [index, { form }] of forms.entries()) {
    take('errors', JSON.stringify(await reply(`no.${form}`, {})));
    take('errors', JSON.stringify(await reply('workspaces.remove', { workspace: form })));
    take('errors', JSON.stringify(await reply('audit.export', { file: form })));
    const task = {
      agent: 'demo',
      workspace: id,
      text: `use ${form} now`,
      idempotencyKey: `planted-${index}`,
    };
    take('phone', JSON.stringify(await host.call(phone, 'tasks.submit', task, undefined)));
    take('crash report', host.cleanCrash(`Error: ${form}\n    at somewhere`));
  }
  for (const name of ['tasks.list', 'sessions.list', 'supervisor.list', 'workspaces.list']) {
    take('phone', JSON.stringify(await host.call(phone, name, {}, undefined)));
  }
  take('state', JSON.stringify(host.store.state));
  take('state', JSON.stringify(frames));
  const file = join(root, 'export.jsonl');
  await call('audit.export', { file });
  take('audit export', readFileSync(file, 'utf8'));
  take('log of the host', logged.join('\n'));
  for (const folder of [home.timelines, home.audit]) {
    for (const name of readdirSync(folder)) take('files', readFileSync(join(folder, name), 'utf8'));
  }

  const leaked = [...out].flatMap(([way, text]) =>
    forms
      .filter(({ form }) => text.includes(form))
      .map(({ name, form }) => `${name} (${form.length} characters) in ${way}`),
  );
  expect(leaked).toEqual([]);
  for (const way of [
    'log of a process',
    'MCP',
    'phone',
    'errors',
    'crash report',
    'state',
    'audit export',
    'files',
  ]) {
    expect(out.get(way)?.length ?? 0, way).toBeGreaterThan(20);
  }
  process.stdout.write(
    `secrets: ${Object.keys(values.texts).length + Object.keys(values.bytes).length} private values in ${forms.length} forms on ${out.size} ways out, ${leaked.length} found\n`,
  );
});
