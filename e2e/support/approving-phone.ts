import { emptyMirror, foldFrame, type Mirror } from '../../contract/mirror.ts';
import type { Approval } from '../../contract/approvals.ts';
import type { CallResult } from '../../contract/client.ts';
import type { CommandName, OutputOf } from '../../contract/commands.ts';
import type { HostState } from '../../contract/host-state.ts';
import { pairTestPhone, type PhoneSession, type TestPhone } from '../../main/testing/test-phone.ts';
import { askCli } from './run-cli.ts';
import { until } from './until.ts';
import { within } from './within.ts';

/** A paired phone without a screen: the contract's own encrypted channel, and answers signed by its key. */
export interface ApprovingPhone {
  readonly session: PhoneSession;
  /** Says yes to the question whose action names this text, and proves that somebody is there. */
  approve(text: string): Promise<Approval>;
  /** Resolves with the first answer that is not empty. */
  see<T>(
    what: string,
    look: (state: HostState) => T | null | undefined | false,
    timeoutMs?: number,
  ): Promise<T>;
}

/** Pairs it by the command line, as a person does. */
export async function pairPhone(home: string): Promise<TestPhone> {
  const { text } = await askCli<{ text: string }>(home, ['pair', '--scope', 'approve']);
  const phone = await pairTestPhone(text);
  const device = await until('the phone asks', async () => {
    const { devices } = await askCli<{ devices: { id: string }[] }>(home, ['devices', 'pending']);
    return devices[0];
  });
  await askCli(home, ['devices', 'approve', device.id, phone.checkCode]);
  await phone.decided;
  return phone;
}

/** Connects it, until the end of the test. */
export async function connectPhone(phone: TestPhone, counter: () => number): Promise<ApprovingPhone> {
  const session = await phone.connect();
  async function see<T>(
    what: string,
    look: (state: HostState) => T | null | undefined | false,
    timeoutMs = 60_000,
  ): Promise<T> {
    let mirror: Mirror = emptyMirror;
    let stop = () => {};
    const found = new Promise<T>((resolve) => {
      stop = session.client.subscribe(null, (frame) => {
        mirror = foldFrame(mirror, frame) ?? mirror;
        const answer = look(mirror.state);
        if (answer !== null && answer !== undefined && answer !== false) resolve(answer);
      });
    });
    try {
      return await within(timeoutMs, what, found);
    } finally {
      stop();
    }
  }
  return {
    session,
    see,
    async approve(text) {
      const approval = await see(`a question about ${text}`, ({ approvals }) =>
        Object.values(approvals).find(
          (one) => one.state === 'pending' && JSON.stringify(one.action).includes(text),
        ),
      );
      const statement = {
        approvalId: approval.id,
        actionHash: approval.actionHash,
        decision: 'allow',
        scope: 'once',
        counter: counter(),
      } as const;
      const { counter: _counter, ...answer } = statement;
      const { approvalId, actionHash } = statement;
      const { challengeId, challenge } = valueOf(
        await session.client.call('presence.beginStepUp', {
          purpose: { kind: 'approval', approvalId, actionHash },
        }),
      );
      const signature = session.sign(Buffer.from(challenge, 'base64url'));
      const presence = { kind: 'device-p256' as const, challengeId, signature };
      return valueOf(
        await session.client.call('approvals.decide', {
          ...answer,
          proof: session.prove(statement),
          presence,
        }),
      );
    },
  };
}

/** What a command answered. @throws Error with what the host said instead */
export function valueOf<N extends CommandName>(result: CallResult<N>): OutputOf<N> {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}
