import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { askLeave, baseFacts } from './permission.ts';
import type { BridgeDeps, Place } from './ports.ts';
import { isAbsolute, relative } from 'node:path';

type Shown = OutputOf<'bridge.processes'>['processes'][number];

/**
 * The managed processes that run in this workspace. One that runs elsewhere is not named: a client learns about its
 * own workspace only.
 */
export async function listProcesses(
  context: Pick<BridgeDeps, 'processes' | 'outbound'>,
  place: Place,
): Promise<OutputOf<'bridge.processes'>> {
  return { processes: await Promise.all(inPlace(context, place).map((one) => shown(context, one))) };
}

/**
 * Starts, stops or restarts a process that is defined already, once a person has said yes; whatever the rules allow,
 * a client of the bridge does not decide what runs. What the process is made of is worked out again after the answer.
 * @throws HostError `not_found`, `refused`, `stale`
 */
export async function controlProcess(
  context: Pick<BridgeDeps, 'processes' | 'outbound' | 'approver'>,
  place: Place,
  { name, action }: ParsedInputOf<'bridge.controlProcess'>,
): Promise<OutputOf<'bridge.controlProcess'>> {
  const facts = () => factsOf(found(context, place, name), place, action);
  const permit = await askLeave(context, place, {
    facts: facts(),
    title: `${TITLES[action]} the process ${name}`,
    mustAsk: true,
  });
  const after = await permit.execute(
    () => Promise.resolve().then(facts),
    () => context.processes.control(name, action, place.caller),
  );
  return { process: await shown(context, { process: after, cwd: cwdIn(place, after) ?? '.' }) };
}

const TITLES = { start: 'Start', stop: 'Stop', restart: 'Restart' } as const;

interface Found {
  readonly process: ManagedProcess;
  /** Relative to the workspace. */
  readonly cwd: string;
}

/** Those that run in this workspace. */
export function inPlace({ processes }: Pick<BridgeDeps, 'processes'>, place: Place): Found[] {
  return processes.list().flatMap((process) => {
    const cwd = cwdIn(place, process);
    return cwd === null ? [] : [{ process, cwd }];
  });
}

/** The folder of a process as the workspace sees it; null when it is not in there. */
function cwdIn({ root }: Pick<Place, 'root'>, { definition }: ManagedProcess): string | null {
  const path = relative(root.path, definition.cwd);
  if (path === '') return '.';
  return path.startsWith('..') || isAbsolute(path) ? null : path;
}

/** @throws HostError `not_found` for one that does not run in this workspace */
export function found(context: Pick<BridgeDeps, 'processes'>, place: Place, name: string): Found {
  const all = inPlace(context, place);
  const one = all.find(({ process }) => process.name === name);
  if (one) return one;
  throw new HostError('not_found', `There is no process "${name}" in this workspace.`, {
    known: all.map(({ process }) => process.name),
  });
}

function factsOf({ process, cwd }: Found, { workspace, caller, root }: Place, action: string): ActionFacts {
  const { definition } = process;
  const facts = { ...baseFacts(workspace.id, caller), tool: toolFacts(action, process) };
  if (action === 'stop') return { ...facts, kind: 'process.signal' };
  return {
    ...facts,
    kind: 'process.start',
    exec: {
      argv: [...definition.argv],
      cwd,
      sandbox: definition.isolation === 'sandbox' ? 'ws' : 'none',
      // The supervisor looks the program up when it starts it; which words and which environment is what is agreed to.
      binarySha256: null,
      envNames: Object.keys(definition.env).sort(),
      envSha256: sha256Hex(canonicalJson(definition.env)),
      cwdIdentity: cwd === '.' ? `${root.dev}:${root.ino}` : null,
    },
  };
}

/** The whole definition is in the hash: a process that was defined anew is another one. */
function toolFacts(action: string, { name, definition }: ManagedProcess): ActionFacts['tool'] {
  return { name: `process ${action}`, inputSha256: sha256Hex(canonicalJson({ name, action, definition })) };
}

async function shown({ outbound }: Pick<BridgeDeps, 'outbound'>, { process, cwd }: Found): Promise<Shown> {
  const argv = await Promise.all(
    process.definition.argv.map(async (word) => (await outbound.deep('state', word)).text),
  );
  const reason = 'reason' in process ? (await outbound.deep('state', process.reason)).text : null;
  return {
    ...{ name: process.name, state: process.state, argv, cwd, reason },
    port: process.definition.port,
    restarts: process.restarts,
    startedAt: 'startedAt' in process ? process.startedAt : null,
    exitCode: 'exitCode' in process ? process.exitCode : null,
  };
}
