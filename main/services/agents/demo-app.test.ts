import { existsSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  client,
  methods,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import { expect, test } from 'vitest';
import { written } from '../../testing/real-processes.ts';
import { createDemoAgent } from './demo-app.ts';

const choose = (optionId: string): RequestPermissionResponse => ({
  outcome: { outcome: 'selected', optionId },
});

interface Answers {
  permission: (
    request: RequestPermissionRequest,
    cancel: () => Promise<void>,
  ) => Promise<RequestPermissionResponse>;
  fs?: boolean;
}

/** Gives the prompts to one session of the demo agent, without a process between. */
async function talk(folder: string, prompts: string[], { permission, fs = false }: Answers) {
  const updates: SessionUpdate[] = [];
  const asked: RequestPermissionRequest[] = [];
  const viaClient: string[] = [];
  const app = client({ name: 'test' })
    .onNotification(methods.client.session.update, ({ params }) => void updates.push(params.update))
    .onRequest(methods.client.session.requestPermission, ({ params, agent }) => {
      asked.push(params);
      return permission(params, () =>
        agent.notify(methods.agent.session.cancel, { sessionId: params.sessionId }),
      );
    })
    .onRequest(methods.client.fs.readTextFile, ({ params }) => {
      viaClient.push('read');
      return { content: readFileSync(params.path, 'utf8') };
    })
    .onRequest(methods.client.fs.writeTextFile, ({ params }) => {
      viaClient.push('write');
      writeFileSync(params.path, params.content);
      return {};
    });
  const stops = await app.connectWith(createDemoAgent({ now: () => Date.UTC(2026, 0, 2) }), async (peer) => {
    await peer.request(methods.agent.initialize, {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: fs, writeTextFile: fs } },
    });
    const { sessionId } = await peer.request(methods.agent.session.new, { cwd: folder, mcpServers: [] });
    const reasons: string[] = [];
    for (const text of prompts) {
      const answer = await peer.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: 'text', text }],
      });
      reasons.push(answer.stopReason);
    }
    return reasons;
  });
  const said = updates.flatMap((u) =>
    u.sessionUpdate === 'agent_message_chunk' && u.content.type === 'text' ? [u.content.text] : [],
  );
  return { stops, updates, asked, viaClient, said };
}

const makeFolder = () => realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-demo-app-')));

test('it plans, shows a diff, asks, writes by itself when the client offers no files, and reports', async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'README.md'), 'old\n');
  const { stops, asked, updates, said } = await talk(folder, ['in README.md replace old with new'], {
    permission: async () => choose('allow-once'),
  });
  expect(stops).toEqual(['end_turn']);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('new\n');
  expect(asked[0]?.options.map((option) => option.kind)).toEqual([
    'allow_once',
    'allow_always',
    'reject_once',
  ]);
  expect(asked[0]?.toolCall.content).toMatchObject([{ type: 'diff', oldText: 'old\n', newText: 'new\n' }]);
  expect(updates.map((u) => u.sessionUpdate)).toEqual(
    expect.arrayContaining(['plan', 'tool_call', 'tool_call_update']),
  );
  expect(said).toEqual(['README.md was changed.']);
});

test('it uses the files of the client when they are offered', async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'a.txt'), 'x\n');
  const { viaClient } = await talk(folder, ['append y to a.txt'], {
    permission: async () => choose('allow-once'),
    fs: true,
  });
  expect(viaClient).toEqual(['read', 'write']);
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('x\ny\n');
});

test('a standing yes is asked for once', async () => {
  const folder = makeFolder();
  const { asked } = await talk(folder, ['append a to a.txt', 'append b to a.txt'], {
    permission: async () => choose('allow-always'),
  });
  expect(asked).toHaveLength(1);
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('a\nb\n');
});

test('a no and a cancel change nothing', async () => {
  const folder = makeFolder();
  const denied = await talk(folder, ['append a to a.txt'], { permission: async () => choose('reject-once') });
  expect(denied.stops).toEqual(['end_turn']);
  const cancelled = await talk(folder, ['append a to a.txt'], {
    async permission(_request, cancel) {
      await cancel();
      return { outcome: { outcome: 'cancelled' } };
    },
  });
  expect(cancelled.stops).toEqual(['cancelled']);
  expect(existsSync(join(folder, 'a.txt'))).toBe(false);
});

test('a running command ends with a cancel', async () => {
  const folder = makeFolder();
  const turn = talk(folder, ['run sh -c "touch runs; exec sleep 30"'], {
    async permission(_request, cancel) {
      void written(join(folder, 'runs')).then(cancel);
      return choose('allow-once');
    },
  });
  expect((await turn).stops).toEqual(['cancelled']);
});

test('it never reaches outside its folder, not through links either', async () => {
  const folder = makeFolder();
  const outside = makeFolder();
  symlinkSync(outside, join(folder, 'link'));
  const { asked, said } = await talk(folder, ['append a to ../x.txt', 'append a to link/x.txt'], {
    permission: async () => choose('allow-once'),
  });
  expect(said.every((text) => text.startsWith('That did not work') || text.startsWith('Nothing'))).toBe(true);
  expect(asked.length).toBeLessThanOrEqual(1);
  expect(existsSync(join(outside, 'x.txt'))).toBe(false);
});
