import type { HealthCheck, ProcessDefinition, Readiness } from '../../../../contract/supervisor.ts';
import { lineOf } from '../argv-line.ts';
import { NO_CHECK, NOT_SHOWN, type CheckDraft, type ProcessDraft, type ReadyKind } from './draft.ts';

/**
 * The form filled with a definition. Pure. A field may be unable to hold what stands there (a path that ends with a
 * space, a value of two lines): the draft keeps the definition beside its texts, and `readDraft` takes from there
 * whatever was not touched.
 */
export function draftOf(definition: ProcessDefinition): ProcessDraft {
  const { name, argv, cwd, env, restart, ready, port, health, watch } = definition;
  return {
    ...{ known: definition, name, command: lineOf(argv), cwd },
    ...{ port: port === null ? '' : String(port), pty: definition.pty === true },
    ...{ restart: restart.mode, maxRestarts: String(restart.maxRestarts) },
    ...{ delay: seconds(restart.delayMs), healthyAfter: seconds(restart.healthyAfterMs) },
    ...{ ready: checkOf<ReadyKind>(ready), readyTimeout: seconds(definition.readyTimeoutMs) },
    ...healthOf(health),
    ...{ watch: linesOf(watch?.paths), ignore: linesOf(watch?.ignore) },
    debounce: watch === null ? '' : seconds(watch.debounceMs),
    env: linesOf(Object.keys(env).map((variable) => `${variable}=${NOT_SHOWN}`)),
    ...{ inheritEnv: definition.inheritEnv, dependsOn: definition.dependsOn.join(', ') },
    ...{ sandbox: definition.isolation === 'sandbox', stopGrace: seconds(definition.stopGraceMs) },
  };
}

type HealthFields = Pick<
  ProcessDraft,
  'health' | 'healthInterval' | 'healthTimeout' | 'healthFailures' | 'healthRestart'
>;

function healthOf(health: HealthCheck | null): HealthFields {
  if (health === null) {
    return {
      health: { ...NO_CHECK, kind: 'none' },
      ...{ healthInterval: '', healthTimeout: '', healthFailures: '', healthRestart: false },
    };
  }
  return {
    health: checkOf(health.check),
    ...{ healthInterval: seconds(health.intervalMs), healthTimeout: seconds(health.timeoutMs) },
    ...{ healthFailures: String(health.failures), healthRestart: health.restart },
  };
}

function checkOf<K extends ReadyKind>(check: Extract<Readiness, { kind: K }> | null): CheckDraft<K | 'none'> {
  return check === null
    ? { ...NO_CHECK, kind: 'none' }
    : { ...NO_CHECK, kind: check.kind, ...fieldsOf(check) };
}

function fieldsOf(check: Readiness): Partial<Omit<CheckDraft<ReadyKind>, 'kind'>> {
  switch (check.kind) {
    case 'text':
      return { text: check.text };
    case 'regex':
      return { text: check.pattern };
    case 'tcp':
      return { port: String(check.port) };
    case 'command':
      return { command: lineOf(check.argv) };
    case 'http': {
      const [lowest, highest] = check.status ?? [];
      if (lowest === undefined) return { url: check.url };
      return { url: check.url, status: lowest === highest ? String(lowest) : `${lowest}-${highest}` };
    }
  }
}

function seconds(ms: number): string {
  return String(ms / 1000);
}

function linesOf(lines: readonly string[] = []): string {
  return lines.join('\n');
}
