import type { InputOf } from '../../../../contract/commands.ts';
import { en } from '../../../texts/en.ts';
import { NOT_SHOWN, type ProcessDraft } from './draft.ts';
import type { Faults } from './faults.ts';
import { keepUntouched } from './keep-untouched.ts';
import { readCheck, readReady } from './read-check.ts';
import { createFieldReader, type FieldReader } from './read-fields.ts';

const t = en.processForm;
type Run = InputOf<'supervisor.run'>;

/** A process name and a port, as the contract has them; the page cannot ask its schemas. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;
const PORTS = { from: 1, to: 65_535 };
const MINUTES_10 = { from: 0, to: 600, scale: 1000 } as const;

/**
 * What the host would be asked for, and what is wrong in which field. Pure.
 * What was left empty is left out, so that the host decides; what was not touched of a definition stays as it is.
 */
export function readDraft(draft: ProcessDraft): { input: Run; faults: Faults } {
  const read = readFields(draft);
  return draft.known === null ? read : keepUntouched(draft, draft.known, read);
}

function readFields(draft: ProcessDraft): { input: Run; faults: Faults } {
  const reader = createFieldReader();
  const name = reader.required('name', draft.name);
  if (name !== '' && !NAME.test(name)) reader.hold('name', t.nameRule);
  const port = reader.number('port', draft.port, PORTS);
  const ready = readReady(draft.ready, reader);
  const readyTimeoutMs =
    ready && reader.number('readyTimeout', draft.readyTimeout, { ...MINUTES_10, from: 0.1 });
  const stopGraceMs = reader.number('stopGrace', draft.stopGrace, MINUTES_10);
  const input: Run = {
    ...{ name, argv: reader.argv('command', draft.command), cwd: reader.required('cwd', draft.cwd) },
    ...{ env: readEnv(draft, reader), inheritEnv: draft.inheritEnv },
    ...{ restart: readRestart(draft, reader), port: port ?? null, ready },
    ...(readyTimeoutMs && { readyTimeoutMs }),
    ...{ dependsOn: readNames(draft.dependsOn, name, reader) },
    ...{ health: readHealth(draft, reader), watch: readWatch(draft, reader) },
    ...(stopGraceMs !== undefined && { stopGraceMs }),
    isolation: draft.sandbox ? 'sandbox' : 'none',
    ...(draft.pty && { pty: true }),
  };
  return { input, faults: reader.faults };
}

function readRestart(draft: ProcessDraft, reader: FieldReader): NonNullable<Run['restart']> {
  const mode = draft.restart;
  if (mode === 'never') return { mode };
  const maxRestarts = reader.number('maxRestarts', draft.maxRestarts, { from: 0, to: 1000 });
  const delayMs = reader.number('delay', draft.delay, MINUTES_10);
  const healthyAfterMs = reader.number('healthyAfter', draft.healthyAfter, {
    ...{ from: 1, to: 3600, scale: 1000 },
  });
  return {
    mode,
    ...(maxRestarts !== undefined && { maxRestarts }),
    ...(delayMs !== undefined && { delayMs }),
    ...(healthyAfterMs !== undefined && { healthyAfterMs }),
  };
}

function readHealth(draft: ProcessDraft, reader: FieldReader): Run['health'] {
  const check = readCheck('health', draft.health, reader);
  if (check === null) return null;
  const intervalMs = reader.number('healthInterval', draft.healthInterval, {
    ...{ from: 0.1, to: 3600, scale: 1000 },
  });
  const timeoutMs = reader.number('healthTimeout', draft.healthTimeout, { ...MINUTES_10, from: 0.05 });
  const failures = reader.number('healthFailures', draft.healthFailures, { from: 1, to: 100 });
  return {
    ...{ check, restart: draft.healthRestart },
    ...(intervalMs !== undefined && { intervalMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(failures !== undefined && { failures }),
  };
}

function readWatch(draft: ProcessDraft, reader: FieldReader): Run['watch'] {
  const paths = reader.lines('watch', draft.watch, 64);
  if (paths.length === 0) return null;
  const ignore = reader.lines('ignore', draft.ignore, 256);
  const debounceMs = reader.number('debounce', draft.debounce, { from: 0.05, to: 60, scale: 1000 });
  return { paths, ignore, ...(debounceMs !== undefined && { debounceMs }) };
}

function readEnv({ env: text, known }: ProcessDraft, reader: FieldReader): Record<string, string> {
  const env = new Map<string, string>();
  const kept = new Map(Object.entries(known?.env ?? {}));
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(0, at)).trim();
    if (!VARIABLE.test(name)) reader.hold('env', t.envRule(line.trim().slice(0, 40)));
    else if (env.has(name)) reader.hold('env', t.envTwice(name));
    // A value is taken to the letter: quotes and spaces belong to it.
    const value = line.slice(at + 1);
    const isKept = known !== null && value === NOT_SHOWN;
    if (isKept && !kept.has(name)) reader.hold('env', t.envNotKnown(name));
    env.set(name, isKept ? (kept.get(name) ?? '') : value);
  }
  return Object.fromEntries(env);
}

function readNames(text: string, own: string, reader: FieldReader): string[] {
  const names = [...new Set(text.split(/[\s,]+/).filter((word) => word !== ''))];
  const odd = names.find((name) => !NAME.test(name));
  if (odd !== undefined) reader.hold('dependsOn', t.dependsRule(odd.slice(0, 40)));
  else if (names.includes(own)) reader.hold('dependsOn', t.dependsOnItself);
  else if (names.length > 64) reader.hold('dependsOn', t.linesRule(64));
  return names;
}
