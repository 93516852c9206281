import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processLogCommands } from '../../../../contract/process-logs.ts';
import type { HostMessage } from '../../../../contract/wire.ts';
import { createByteStreams } from '../../../kernel/byte-streams.ts';
import { createConnection } from '../../../kernel/connection.ts';
import { ended, isRunning, writtenPid } from '../../../testing/real-processes.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { owner, realClock } from '../fakes.ts';
import { createLogSink } from './log-sink.ts';
import { createLogs } from './logs.ts';

/** Clients of logs whose search takes as long as they wait for it. */
function setUp() {
  const logsDir = temporaryFolder();
  const sink = createLogSink(join(logsDir, 'web'));
  sink.append('stdout', Buffer.from('one\n'), 0);
  const ripgrep = join(logsDir, 'slow-search');
  writeFileSync(ripgrep, `#!/bin/sh\necho $$ > ${logsDir}/searching\nexec sleep 1000\n`);
  chmodSync(ripgrep, 0o700);
  const { handlers, close, grown } = createLogs({
    ...{ logsDir, clock: realClock, newEpoch: () => 'e', ripgrepPath: () => ripgrep },
    ...{ part: (text, from, to) => text.slice(from, to), names: () => ['web'] },
  });
  const search = { names: ['web'], what: { kind: 'text', text: 'one' } };
  const streams = createByteStreams({ redactor: () => ({ push: () => '', held: () => 0 }) });
  const client = () =>
    createConnection({
      caller: owner,
      ...{ streams, store: { subscribe: () => () => {} }, send: (_message: HostMessage) => {} },
      async call(caller, name, input) {
        const isSearch = name === 'supervisor.searchLogs';
        const answer = isSearch
          ? handlers[name](processLogCommands[name].input.parse(input), caller)
          : handlers['supervisor.readLines'](
              processLogCommands['supervisor.readLines'].input.parse(input),
              caller,
            );
        return Promise.resolve(answer).then(
          (value) => ({ ok: true, value }),
          (error: unknown) => ({ ok: false, error: { code: 'unavailable', message: String(error) } }),
        );
      },
    });
  const ask = (connection: ReturnType<typeof client>, name: string, input: object) =>
    connection.receive({ type: 'call', id: 1, name, input });
  return { client, ask, search, handlers, close, grown, searching: join(logsDir, 'searching') };
}

test('a search whose asker leaves is ended, and so is its process', async () => {
  const { client, ask, search, close, searching } = setUp();
  const asker = client();
  ask(asker, 'supervisor.searchLogs', search);
  const pid = await writtenPid(searching);
  expect(isRunning(pid)).toBe(true);
  asker.close();
  await ended(pid);
  await close();
});

test('who waits for new lines and leaves makes room for others', async () => {
  const { client, ask, handlers, close, grown } = setUp();
  const read = (wait?: object) =>
    processLogCommands['supervisor.readLines'].input.parse({ name: 'web', ...(wait && { wait }) });
  const { epoch, end } = await handlers['supervisor.readLines'](read(), owner);
  const forNews = read({ epoch, end, ms: 25_000 });
  const waiting = Array.from({ length: 4 }, () => client());
  for (const one of waiting) {
    for (let count = 0; count < 64; count += 1) ask(one, 'supervisor.readLines', forNews);
  }
  const again = async () => handlers['supervisor.readLines'](forNews, owner);
  await expect(again()).rejects.toMatchObject({ code: 'too_many' });
  for (const one of waiting) one.close();
  const last = again();
  const state = { isOver: false };
  void last.then(() => (state.isOver = true));
  // It has a place: it waits until something is said of the logs.
  while (!state.isOver) {
    grown('web');
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await last).toMatchObject({ end });
  await close();
});
