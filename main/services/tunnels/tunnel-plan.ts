import { lstat, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { describeIssues, HostError } from '../../../contract/errors.ts';
import type { ParsedInputOf } from '../../../contract/commands.ts';
import { writeFileAtomic } from '../../kernel/atomic-file.ts';
import type { KeepSecret } from '../../kernel/ports.ts';
import type { TunnelPlan } from './tunnel-arguments.ts';
import { publicHostname } from './tunnel-hostname.ts';

type OpenInput = ParsedInputOf<'tunnels.open'>;

const MAX_TOKEN_FILE = 8192;
const MAX_CONFIG_FILE = 65_536;

const Token = z.object({ a: z.string().min(1), s: z.string().min(1), t: z.uuid() });
/** Of a user's configuration only this is taken over: any flag may stand there, also ones that log headers. */
const UserConfig = z.object({
  tunnel: z.string().min(1).max(256),
  'credentials-file': z.string().min(1).max(4096),
  ingress: z
    .array(z.object({ hostname: z.string().max(253).optional() }))
    .max(1000)
    .optional(),
});

/**
 * Checks what a driver needs and writes the configuration that cloudflared gets.
 * @param edgeUrl the only thing that the tunnel may show
 * @throws HostError `invalid_input`, `not_found` or `not_permitted`; never with content of the files
 */
export async function planTunnel(
  input: OpenInput,
  edgeUrl: string,
  runDir: string,
  keepSecret?: KeepSecret,
): Promise<TunnelPlan> {
  if (!/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(edgeUrl)) {
    throw new HostError('unavailable', 'the edge listener is not running');
  }
  const empty = join(runDir, 'tunnel-empty.yml');
  switch (input.driver) {
    case 'quick':
      writeFileAtomic(empty, '{}\n');
      return { driver: 'quick', configFile: empty, edgeUrl, tokenFile: null, hostname: null };
    case 'named': {
      const tokenFile = required(
        input.tokenFile,
        'tokenFile',
        'the path of a file with the token of the tunnel',
      );
      const hostname = checkedHostname(required(input.hostname, 'hostname', 'the public name of the tunnel'));
      await checkToken(tokenFile, keepSecret);
      writeFileAtomic(empty, '{}\n');
      return { driver: 'named', configFile: empty, edgeUrl, tokenFile, hostname };
    }
    case 'config':
      return planFromConfig(input, edgeUrl, join(runDir, 'tunnel-config.yml'));
  }
}

async function planFromConfig(input: OpenInput, edgeUrl: string, configFile: string): Promise<TunnelPlan> {
  const userFile = required(input.configFile, 'configFile', 'the path of a cloudflared configuration');
  const config = UserConfig.safeParse(parseYaml(await readSmall(userFile, MAX_CONFIG_FILE), userFile));
  if (!config.success) throw new HostError('invalid_input', `${userFile}: ${describeIssues(config.error)}`);
  const { tunnel, 'credentials-file': credentials, ingress = [] } = config.data;
  if (!isAbsolute(credentials))
    throw new HostError('invalid_input', `${userFile}: credentials-file must be absolute`);
  await readSmall(credentials, MAX_TOKEN_FILE);
  const named = input.hostname ?? ingress.find((rule) => rule.hostname !== undefined)?.hostname;
  const hostname = checkedHostname(required(named, 'hostname', 'the public name of the tunnel'));
  const own = {
    tunnel,
    'credentials-file': credentials,
    // The rules are ours: a tunnel that Signalbox opens shows the edge listener and nothing else of this machine.
    ingress: [{ hostname, service: edgeUrl }, { service: 'http_status:404' }],
  };
  writeFileAtomic(configFile, `${JSON.stringify(own, null, 2)}\n`);
  return { driver: 'config', configFile, edgeUrl, tokenFile: null, hostname };
}

function required(value: string | undefined, key: string, what: string): string {
  if (value === undefined || value === '') throw new HostError('invalid_input', `${key} is needed: ${what}`);
  return value;
}

function checkedHostname(text: string): string {
  const name = publicHostname(text);
  if (name === null)
    throw new HostError('invalid_input', 'hostname must be a public host name, like box.example.com');
  return name;
}

async function checkToken(file: string, keepSecret?: KeepSecret): Promise<void> {
  const text = (await readSmall(file, MAX_TOKEN_FILE, true)).trim();
  keepSecret?.(text);
  let token: unknown = null;
  try {
    token = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    // Said below, for every way in which it is none.
  }
  if (!Token.safeParse(token).success) {
    throw new HostError(
      'invalid_input',
      `${file} holds no tunnel token: copy it from the dashboard of Cloudflare again`,
    );
  }
}

async function readSmall(file: string, maxBytes: number, isSecret = false): Promise<string> {
  if (!isAbsolute(file)) throw new HostError('invalid_input', `${file}: the path must be absolute`);
  const found = await lstat(file).catch(() => null);
  if (!found?.isFile()) throw new HostError('not_found', `${file} is no file`, { file });
  if (found.size > maxBytes)
    throw new HostError('too_large', `${file} is larger than ${maxBytes} bytes`, { file });
  if (
    isSecret &&
    process.platform !== 'win32' &&
    (found.uid !== userInfo().uid || (found.mode & 0o077) !== 0)
  ) {
    throw new HostError(
      'not_permitted',
      `${file} must be yours and readable by nobody else: chmod 600 ${file}`,
      { file },
    );
  }
  return readFile(file, 'utf8');
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 10 });
  } catch {
    throw new HostError('invalid_input', `${file} is no YAML`, { file });
  }
}
