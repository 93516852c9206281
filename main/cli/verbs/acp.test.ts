import { expect, test } from 'vitest';
import { startTestHost } from '../../testing/test-host.ts';
import { runCli } from '../run-cli.ts';

async function status(config: string) {
  const { root } = await startTestHost({ config });
  const run = async (...args: string[]) => {
    let stdout = '';
    await runCli(['--home', root, ...args, 'acp', 'status'], {
      ...{ terminal: false, stderr: () => {} },
      stdout: (text) => void (stdout += text),
    });
    return stdout;
  };
  return { text: await run(), json: JSON.parse(await run('--json')) as Record<string, unknown> };
}

test.each([
  ['host', 'remote: { agents: [demo] }\n', /answers agents\s+this host/],
  ['first', 'remote: { agents: [demo], permissions: first }\n', /answers agents\s+this host or the client/],
  ['client', 'remote: { agents: [demo], permissions: client }\n', /answers agents\s+THE CLIENT ALONE/],
])('the status says who answers agents: %s', async (permissions, config, said) => {
  const { text, json } = await status(config);
  expect(text).toMatch(said);
  expect(json).toMatchObject({ agents: ['demo'], permissions });
});
