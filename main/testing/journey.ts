import type { CallResult } from '../../contract/client.ts';
import type { CommandName } from '../../contract/commands.ts';
import type { AuditRecord } from '../../contract/audit.ts';
import type { DeviceScope } from '../../contract/identity.ts';
import { waitFor, type TestHost } from './test-host.ts';
import { pairTestPhone, type PhoneSession } from './test-phone.ts';

/** What a command answered; a test that did not expect an error fails with it. */
export function value<N extends CommandName>(result: CallResult<N>) {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export async function invite({ owner }: TestHost, scope: DeviceScope = 'approve') {
  return value(await owner.call('identity.createInvitation', { scope }));
}

/** Scans, shows the code, and the owner confirms what the phone shows. */
export async function pair(test: TestHost, scope: DeviceScope = 'approve') {
  const { text } = await invite(test, scope);
  const phone = await pairTestPhone(text);
  const pending = await test.until(({ devices }) =>
    Object.values(devices).find((device) => device.state === 'pending'),
  );
  value(await test.owner.call('identity.approveDevice', { deviceId: pending.id, code: phone.checkCode }));
  await phone.decided;
  return { phone, deviceId: pending.id, text };
}

/** The question that waits, and a signed yes to it, not yet sent. */
export async function allow(session: PhoneSession, counter = 1) {
  const approval = await waitFor(session.client, ({ approvals }) =>
    Object.values(approvals).find((one) => one.state === 'pending'),
  );
  const statement = {
    approvalId: approval.id,
    actionHash: approval.actionHash,
    decision: 'allow',
    scope: 'once',
    counter,
  } as const;
  const { counter: _counter, ...answer } = statement;
  return { approval, answer: { ...answer, proof: session.prove(statement) } };
}

/** The newest records of these types, newest first. */
export async function recordsOf({ owner }: TestHost, ...types: string[]): Promise<AuditRecord[]> {
  const { records } = value(await owner.call('audit.tail', { limit: 1000 }));
  return records.filter((record) => types.includes(record.type));
}
