import type { ProcessDefinition } from '../../../contract/supervisor.ts';

/** What a program may expect anywhere. The rest of the host's environment may hold secrets of other things. */
const BASIC = new Set(['PATH', 'HOME', 'LANG', 'TERM', 'TZ', 'TMPDIR', 'SHELL', 'USER', 'LOGNAME']);
/** Without these nothing starts on Windows. */
const WINDOWS = new Set([
  'APPDATA',
  'COMSPEC',
  'LOCALAPPDATA',
  'PATHEXT',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'WINDIR',
]);
/** Meant for the host itself; a child that got them would take itself for the host. */
const OWN = /^(?:SIGNALBOX_|ELECTRON_)/i;

/**
 * The whole environment of a managed process. Pure.
 * From the host come an allow-list, or everything but its own variables when `inheritEnv` is set; then PORT and HOST
 * of a process with a port; then what the definition says, which wins.
 */
export function processEnv(
  definition: ProcessDefinition,
  hostEnv: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(hostEnv)) {
    if (value !== undefined && (definition.inheritEnv ? !OWN.test(name) : isBasic(name))) env[name] = value;
  }
  if (definition.port !== null) Object.assign(env, { PORT: String(definition.port), HOST: '127.0.0.1' });
  return { ...env, ...definition.env };
}

function isBasic(name: string): boolean {
  return (
    BASIC.has(name) ||
    /^LC_[A-Z]+$/.test(name) ||
    (process.platform === 'win32' && WINDOWS.has(name.toUpperCase()))
  );
}

/** True for a variable that must never be handed on by name either. */
export function isOwnVariable(name: string): boolean {
  return OWN.test(name);
}
