import type { Command } from 'commander';
import type { OutputOf } from '../../../contract/commands.ts';
import type { HostState } from '../../../contract/host-state.ts';
import type { Device, DeviceScope } from '../../../contract/identity.ts';
import type { Cli, Verbs } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { plainLine, table } from '../plain-text.ts';
import { drawQr } from '../qr-text.ts';

const SCOPES: readonly DeviceScope[] = ['view', 'submit', 'approve', 'manage'];

type Made = OutputOf<'identity.createInvitation'>;

/** Pairing, and the devices that were paired. */
export function addDeviceVerbs(program: Command, { verb, group }: Verbs): void {
  verb<{ scope?: DeviceScope }>(
    program,
    'pair',
    'pair a phone: draws the code and prints the link',
    pair,
    (command) => command.addOption(command.createOption('--scope <scope>', 'what it may do').choices(SCOPES)),
  );
  const devices = group(program, 'devices', 'paired phones and admitted browsers');
  verb(devices, 'list', 'paired, pending, idle and revoked', (cli) => list(cli, () => true));
  verb(devices, 'pending', 'those that wait for you', (cli) =>
    list(cli, (device) => device.state === 'pending'),
  );
  verb(
    devices,
    'approve <id> <code...>',
    'admit a pending device that shows this code',
    async (cli, [id = '', ...code]) => {
      const device = await cli.call('identity.approveDevice', {
        deviceId: id,
        code: code.join('').replaceAll(/[\s-]/g, ''),
      });
      cli.answer(device, `${plainLine(device.name)} is ${device.state}`);
    },
  );
  verb(devices, 'refuse <id>', 'refuse a pending device', async (cli, [id = '']) => {
    await cli.call('identity.refuseDevice', { deviceId: id });
    cli.answer({}, 'refused');
  });
  verb(
    devices,
    'revoke <id>',
    'end a device: connections closed, remembered answers forgotten',
    async (cli, [id = '']) => {
      const device = await cli.call('identity.revokeDevice', { deviceId: id });
      cli.answer(device, `${plainLine(device.name)} is ${device.state}`);
    },
  );
  verb(devices, 'rename <id> <name...>', 'give a device another name', async (cli, [id = '', ...name]) => {
    const device = await cli.call('identity.renameDevice', { deviceId: id, name: name.join(' ') });
    cli.answer(device, `it is called ${plainLine(device.name)} now`);
  });
  verb(
    devices,
    'scope <id> <scope>',
    'what a device may do: view, submit, approve or manage; its connections begin anew',
    setScope,
  );
  verb<{ dropOld?: boolean }>(
    devices,
    'rotate-keys',
    'new keys for this host; paired devices get them over their channel',
    rotateKeys,
    (command) =>
      command.option('--drop-old', 'do not keep the old keys for devices that are away: they are revoked'),
  );
}

async function setScope(cli: Cli, [id = '', wanted = '']: readonly string[]): Promise<void> {
  const scope = SCOPES.find((known) => known === wanted);
  if (!scope)
    throw new Failure('invalid_input', `"${plainLine(wanted)}" is no scope; one of: ${SCOPES.join(', ')}`);
  const device = await cli.call('identity.setScope', { deviceId: id, scope });
  cli.answer(device, `${plainLine(device.name)} may ${device.scope}`);
}

async function rotateKeys(
  cli: Cli,
  _args: readonly string[],
  { dropOld = false }: { dropOld?: boolean },
): Promise<void> {
  const made = await cli.call('identity.rotateKeys', { dropOld });
  const kept = dropOld ? 'the old ones open nothing any more' : 'the old ones are kept for up to 30 days';
  cli.answer(
    made,
    `new keys, fingerprint ${made.fingerprint}; ${made.devicesToTell} device(s) to tell; ${kept}`,
  );
}

async function list(cli: Cli, wanted: (device: Device) => boolean): Promise<void> {
  const devices = (await cli.call('identity.listDevices', {})).devices.filter(wanted);
  const rows = devices.map((one) => [one.id, one.state, one.scope, one.kind, aboutDevice(one), one.name]);
  cli.answer(
    { devices },
    rows.length === 0 ? 'no device' : table(['ID', 'STATE', 'SCOPE', 'KIND', '', 'NAME'], rows),
  );
}

function aboutDevice(device: Device): string {
  switch (device.state) {
    case 'pending':
      return `${device.purpose === 'renew' ? 'was away, ' : ''}code ${spaced(device.checkCode)}`;
    case 'active':
      return device.connected ? 'connected' : `last seen ${device.lastSeenAt ?? 'never'}`;
    case 'idle':
      return `must be confirmed again, last seen ${device.lastSeenAt ?? 'never'}`;
    case 'revoked':
      return `since ${device.revokedAt}`;
  }
}

const spaced = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;

async function pair(cli: Cli, _args: readonly string[], { scope }: { scope?: DeviceScope }): Promise<number> {
  const made = await cli.call('identity.createInvitation', scope ? { scope } : {});
  if (cli.json) {
    cli.answer(made, '');
    return Exit.done;
  }
  const qr = await drawQr(made.text, cli.terminal);
  cli.answer(null, `${qr}\nScan it with the phone, or open there:\n${made.link}\n`);
  cli.note(`Good until ${made.expiresAt}, for one device. Ctrl+C ends it.`);
  return awaitDevice(cli, made);
}

/** Tells who asks, until the owner has answered from another window, or the code has run out. */
async function awaitDevice(cli: Cli, made: Made): Promise<number> {
  const host = await cli.host();
  const onInterrupt = () => {
    void cli.call('identity.cancelInvitation', {}).finally(() => process.exit(130));
  };
  process.once('SIGINT', onInterrupt);
  try {
    const watcher = createWatcher(cli, made);
    const paired = await host.watch(watcher);
    if (paired === 'expired')
      throw new Failure(
        'timed_out',
        'the code ran out before a device was paired; make another one: signalbox pair',
      );
    cli.note(`${plainLine(paired.name)} is paired`);
    return Exit.done;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** Looks at one state after another: says once who asks; answers the device that was admitted, or that time is up. */
function createWatcher(cli: Cli, made: Made): (state: HostState) => Device | 'expired' | null {
  let before: ReadonlySet<string> | null = null;
  const asked = new Set<string>();
  return ({ devices, invitation }) => {
    const all = Object.values(devices).filter((device) => device.kind === 'phone');
    before ??= new Set(all.map((device) => device.id));
    const news = all.filter((device) => !before?.has(device.id));
    for (const device of news) {
      if (device.state !== 'pending' || device.purpose !== 'pair' || asked.has(device.id)) continue;
      asked.add(device.id);
      cli.note(
        `${plainLine(device.name)} asks, code ${spaced(device.checkCode)}: if the phone shows the same, run\n` +
          `  signalbox devices approve ${device.id} ${device.checkCode}`,
      );
    }
    const admitted = news.find((device) => device.state === 'active' && asked.has(device.id));
    if (admitted) return admitted;
    const waiting = news.some((device) => device.state === 'pending');
    const open = invitation.state === 'open' && invitation.id === made.id;
    return open || waiting ? null : invitation.state === 'used' && asked.size === 0 ? null : 'expired';
  };
}
