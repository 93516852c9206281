import { HostError } from '../../contract/errors.ts';

/** Names every child gets, if the host has them. */
const basicNames = ['PATH', 'HOME', 'LANG', 'TERM', 'TZ', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL'];
/** Without these nothing starts on Windows. */
const windowsNames = [
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'TEMP',
  'TMP',
];
/** Names by which an environment makes a program load or run something else. Never inherited, never declared. */
const injection =
  /^(?:LD_.*|DYLD_.*|GIT_.*|SIGNALBOX_.*|ELECTRON_.*|NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|BASH_ENV|ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|IFS|PYTHONPATH|PYTHONSTARTUP|PYTHONHOME|PERL5LIB|PERL5OPT|PERLLIB|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|RUSTC_WRAPPER|RUSTC_WORKSPACE_WRAPPER|RUSTFLAGS|GOFLAGS|MAKEFLAGS|LESSOPEN|LESSCLOSE|PAGER|MANPAGER|BROWSER|RIPGREP_CONFIG_PATH|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|RESOLV_HOST_CONF)$/i;
/** Names whose values are credentials. Inherited only when the owner lists the very name. */
const credential =
  /(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|COOKIE|AUTH|DSN)(?:$|_)|^(?:AWS|GPG|SSH|AZURE|GOOGLE|DOCKER|KUBE)_|_AUTH_SOCK$|CONNECTION_STRING|^(?:DATABASE|REDIS|MONGO|POSTGRES)_URL$/i;
const validName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const maximumValueLength = 32_768;

export interface ChildEnvironmentOptions {
  /** Further names to copy from the host's environment. Credentials are skipped unless listed in `credentials`. */
  inherit?: readonly string[];
  /** Credential names the owner lets this child inherit. */
  credentials?: readonly string[];
  /** Values the owner wrote for this child. */
  set?: Readonly<Record<string, string>>;
}

export interface ChildEnvironment {
  readonly env: Record<string, string>;
  /** Asked-for names that were not given, with the reason. */
  readonly dropped: readonly { name: string; reason: 'injection' | 'credential' | 'absent' }[];
  /** Values in `env` that must be treated as secrets; give them to the outbound gate. */
  readonly secrets: readonly string[];
}

/**
 * The environment of a child, built up from nothing. Pure.
 *
 * @throws HostError `invalid_input` for a `set` entry with a malformed name or value, `not_permitted` for one whose
 * name makes programs load code.
 */
export function childEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  options: ChildEnvironmentOptions = {},
): ChildEnvironment {
  const env: Record<string, string> = {};
  const dropped: { name: string; reason: 'injection' | 'credential' | 'absent' }[] = [];
  const granted = new Set(options.credentials ?? []);
  for (const [name, value] of Object.entries(source)) {
    const upper = name.toUpperCase();
    const basic = basicNames.includes(name) || windowsNames.includes(upper) || /^LC_[A-Z]+$/.test(name);
    if (basic && isPlain(value)) env[name] = value;
  }
  for (const name of new Set([...(options.inherit ?? []), ...granted])) {
    const value = source[name];
    if (injection.test(name)) dropped.push({ name, reason: 'injection' });
    else if (credential.test(name) && !granted.has(name)) dropped.push({ name, reason: 'credential' });
    else if (!validName.test(name) || !isPlain(value)) dropped.push({ name, reason: 'absent' });
    else env[name] = value;
  }
  for (const [name, value] of Object.entries(options.set ?? {})) env[admitDeclared(name, value)] = value;
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    credential.test(name) && value !== '' ? [value] : [],
  );
  return { env, dropped, secrets };
}

/** Values of an environment whose names say that they are credentials. Pure. */
export const credentialsIn = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    // A socket or a file that is named there is no secret, and its path is in many texts.
    credential.test(name) && value !== undefined && value.length >= 8 && !value.startsWith('/')
      ? [value]
      : [],
  );

const isPlain = (value: string | undefined): value is string =>
  value !== undefined && value.length <= maximumValueLength && !value.includes('\0');

function admitDeclared(name: string, value: string): string {
  if (!validName.test(name)) {
    throw new HostError(
      'invalid_input',
      `${JSON.stringify(name.slice(0, 80))} is not a name of an environment variable.`,
    );
  }
  if (injection.test(name)) {
    throw new HostError('not_permitted', `${name} makes programs load code and cannot be set for a child.`, {
      name,
    });
  }
  if (!isPlain(value)) {
    throw new HostError(
      'invalid_input',
      `The value of ${name} is longer than ${maximumValueLength} or contains NUL.`,
    );
  }
  return name;
}
