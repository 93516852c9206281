import { randomBytes } from 'node:crypto';
import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { createFakeSchedule } from '../../../contract/channel/fakes.ts';
import type { Carrier } from '../../../contract/live-connection.ts';
import { createReliableClient, type ReliableClientDeps } from '../../../contract/reliable-client.ts';
import { ReliableRecord } from '../../../contract/reliable-record.ts';
import type { ClientMessage, HostMessage, Welcome } from '../../../contract/wire.ts';

export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
export const welcome: Welcome = {
  ...{ type: 'welcome', hostId: 'h', hostName: 'Studio', epoch: 5, counter: 0, minVersion: 1 },
};
export const rename = (key: string) => ({ deviceId: 'd1', name: key });

/** The other end of one channel, in the hands of the test. */
export function fakeChannel() {
  const said: ClientMessage[] = [];
  let onMessage: (bytes: Uint8Array) => void = () => {};
  let onClose: () => void = () => {};
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    onClose();
  };
  const carrier: Carrier = {
    send: (bytes) => {
      if (!open) throw new Error('closed');
      said.push(JSON.parse(fromUtf8(bytes)) as ClientMessage);
    },
    onMessage: (handler) => void (onMessage = (bytes) => handler(bytes, 0)),
    onClose: (handler) => void (onClose = () => handler({ reason: 'lost' })),
    close,
  };
  const calls = () => said.flatMap((message) => (message.type === 'call' ? [message] : []));
  return {
    ...{ carrier, said, calls, close },
    isOpen: () => open,
    say: (message: HostMessage) => onMessage(utf8(JSON.stringify(message))),
    answer(at = 0, value: unknown = {}) {
      const call = calls()[at];
      if (!call) throw new Error('there is no such call');
      onMessage(utf8(JSON.stringify({ type: 'reply', id: call.id, reply: { ok: true, value } })));
    },
  };
}

/** A client whose disk, time and connections are in the hands of the test. */
export function setUp(options: Partial<ReliableClientDeps> = {}) {
  const time = createFakeSchedule();
  const disk: { record: ReliableRecord | null; writes: number; broken: boolean } = {
    ...{ record: options.record ?? null, writes: 0, broken: false },
  };
  const client = createReliableClient({
    random: (count) => new Uint8Array(randomBytes(count)),
    schedule: time.schedule,
    save: (record) => {
      if (disk.broken) return Promise.reject(new Error('full'));
      disk.writes += 1;
      disk.record = ReliableRecord.parse(JSON.parse(JSON.stringify(record)));
      return Promise.resolve();
    },
    record: null,
    ...options,
  });
  const connect = async (greeting: Welcome = welcome) => {
    const channel = fakeChannel();
    client.attach(channel.carrier);
    channel.say(greeting);
    await settle();
    return channel;
  };
  const submit = (key: string) => {
    const steps: string[] = [];
    const { commandId, result } = client.submit('identity.renameDevice', rename(key), (step) =>
      steps.push(step),
    );
    return { steps, commandId, result };
  };
  return { time, disk, client, connect, submit };
}
