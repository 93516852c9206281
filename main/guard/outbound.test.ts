import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutbound } from './outbound.ts';

const hmacKey = new Uint8Array(32).fill(7);
const create = (exactSecrets: string[] = []) => createOutbound({ hmacKey, exactSecrets });

/** Deterministic letters and digits, so that no sample stands in the source as a literal. */
function random(
  length: number,
  alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789',
  seed = length,
): string {
  let state = seed * 2654435761 + 12345;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return alphabet.charAt((state >>> 8) % alphabet.length);
  }).join('');
}
const hex = (length: number): string => random(length, '0123456789abcdef');
const upper = (length: number): string => random(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
const dashes = '-'.repeat(5);
const pem = (name: string): string =>
  `${dashes}BEGIN ${name}${dashes}\n${random(64)}\n${random(64, undefined, 9)}\n${random(20)}==\n${dashes}END ${name}${dashes}`;

/** Kind, text around the secret, the secret (what must not appear). */
const samples: [string, string, string][] = (
  [
    ['github-pat', `ghp_${random(36)}`],
    ['github-pat', `github_pat_${random(82)}`],
    ['gitlab-token', `glpat-${random(20)}`],
    ['npm-token', `npm_${random(36)}`],
    ['slack-token', `xoxb-${random(12, '0123456789')}-${random(24)}`],
    ['sendgrid-key', `SG.${random(22)}.${random(43)}`],
    ['anthropic-key', `sk-ant-api03-${random(93)}AA`],
    ['openai-key', `sk-proj-${random(120)}`],
    ['openai-key', `sk-${random(48)}`],
    ['stripe-key', `sk_live_${random(24)}`],
    ['google-key', `AIza${random(35)}`],
    ['google-oauth', `GOCSPX-${random(28)}`],
    ['aws-access-key', `AKIA${upper(16)}`],
    ['huggingface-token', `hf_${random(34)}`],
    ['jwt', `eyJ${random(30)}.eyJ${random(60)}.${random(43)}`],
    ['cloudflare-tunnel', `eyJhIjoi${random(150)}`],
    ['shopify-token', `shpat_${hex(32)}`],
    ['digitalocean-token', `dop_v1_${hex(64)}`],
    ['hashicorp-vault', `hvs.${random(90)}`],
    ['docker-pat', `dckr_pat_${random(27)}`],
    ['twilio-key', `SK${hex(32)}`],
    ['age-key', `AGE-SECRET-KEY-1${upper(58)}`],
    ['telegram-token', `${random(9, '123456789')}:AA${random(33)}`],
    ['databricks-token', `dapi${hex(32)}`],
    ['signalbox-token', `signalbox_mcp_${random(8)}_${random(43)}`],
    ['private-key', pem('RSA PRIVATE KEY')],
    ['private-key', pem('OPENSSH PRIVATE KEY')],
    ['private-key', pem('EC PRIVATE KEY')],
  ] as const
).map(([kind, secret]) => [kind, secret, secret]);
const value = random(24);
samples.push(
  ['authorization', `Authorization: Bearer ${value}`, value],
  ['authorization', `Authorization: Basic ${value}`, value],
  ['url-credentials', `postgres://app:${value}@db.example/x`, value],
  ['query-token', `https://h.example/mcp?codexpro_token=${value}&x=1`, value],
  ['assigned-secret', `DB_PASSWORD=${value}`, value],
  ['assigned-secret', `client_secret: "${value}"`, value],
  ['assigned-secret', `run --api-key ${value} now`, value],
  ['known-secret', 'my own pass phrase 42', 'my own pass phrase 42'],
);
const exact = ['my own pass phrase 42'];
/** Any twelve letters in a row of the secret would be a leak. */
const leaks = (output: string, secret: string): boolean => {
  for (let i = 0; i + 12 <= secret.length; i += 1) {
    const part = secret.slice(i, i + 12);
    if (/^[A-Za-z0-9+/]+$/.test(part) && output.includes(part)) return true;
  }
  return output.includes(secret);
};

test.each(samples)('a whole text: %s is redacted with its kind and a tag', (kind, text, secret) => {
  const result = create(exact).text('log', `before ${text} after\n`);
  expect(leaks(result.text, secret), result.text).toBe(false);
  expect(result.hits.map((hit) => hit.kind)).toContain(kind);
  expect(result.text).toMatch(/^before [^]*\[REDACTED [a-z-]+ #[0-9a-f]{8}\][^]* after\n$/);
});

test(`a stream: ${samples.length} samples cut at every position leak nothing`, { timeout: 60_000 }, () => {
  const outbound = create(exact);
  let cases = 0;
  for (const [, text, secret] of samples) {
    const whole = `before ${text} after\n`;
    for (let cut = 1; cut < whole.length; cut += 1) {
      const stream = outbound.stream();
      const output = stream.push(whole.slice(0, cut)) + stream.push(whole.slice(cut)) + stream.end();
      cases += 1;
      if (leaks(output, secret) || !output.startsWith('before ') || !output.endsWith(' after\n')) {
        expect.fail(`cut ${cut} of ${JSON.stringify(whole)}: ${JSON.stringify(output)}`);
      }
    }
    const stream = outbound.stream();
    let output = '';
    for (const character of whole) output += stream.push(character);
    output += stream.end();
    expect(leaks(output, secret), output).toBe(false);
  }
  process.stdout.write(`stream: ${samples.length} samples, ${cases} cuts, 0 leaks\n`);
});

test('a token with a colour, a backspace or an invisible character inside is found', () => {
  const secret = `ghp_${random(36)}`;
  for (const noise of [
    '\u001b[31m',
    '\u001b[0;1m',
    'x\b',
    '\u200b',
    '\u00ad',
    '\u001b]0;a title\u0007',
    '\0',
  ]) {
    const text = `a ${secret.slice(0, 15)}${noise}${secret.slice(15)} b`;
    const output = create().text('output', text).text;
    expect(output).not.toContain(secret.slice(15));
    expect(output).not.toContain(secret.slice(4, 15));
    const stream = create().stream();
    const streamed = [...text].map((character) => stream.push(character)).join('') + stream.end();
    expect(streamed).not.toContain(secret.slice(15));
  }
});

test('broken lines, diff markers and base64 do not hide a token', () => {
  const secret = `ghp_${random(36)}`;
  const wrapped = `${'x'.repeat(60)} ${secret.slice(0, 20)}\n${secret.slice(20)} rest`;
  expect(create().text('output', wrapped).text).not.toContain(secret.slice(20));
  const diff = `+ ${secret.slice(0, 20)}\n+${secret.slice(20)}\n`;
  expect(create().text('diff', diff).text).not.toContain(secret.slice(20));
  const blob = Buffer.from(`${'text '.repeat(30)}${secret} end`).toString('base64');
  expect(create().text('file', `data ${blob} end`).text).toMatch(
    /^data \[REDACTED encoded-secret #[0-9a-f]{8}\] end$/,
  );
});

test('known values are found in their encoded forms; equal secrets have equal tags', () => {
  const outbound = create();
  const secret = 'p@ss/word with "quotes" 1';
  outbound.addSecret(secret);
  for (const form of [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    Buffer.from(secret).toString('base64'),
  ]) {
    expect(outbound.text('log', `x ${form} y`).hits.length, form).toBeGreaterThan(0);
  }
  const [a, b] = [outbound.text('log', secret), outbound.text('diff', `- ${secret}`)];
  expect(a.hits[0]?.tag).toBe(b.hits[0]?.tag);
  const structured = outbound.value('state', { a: [secret], note: `password: "Zx9${random(12)}"`, id: 7 });
  expect(structured).toEqual({
    a: [`[REDACTED known-secret #${a.hits[0]?.tag}]`],
    note: expect.stringMatching(/^password: "\[REDACTED assigned-secret #[0-9a-f]{8}\]"$/) as string,
    id: 7,
  });
});

test('an endless token or private key does not pass in pieces', () => {
  const stream = create().stream();
  const key = `${dashes}BEGIN PRIVATE KEY${dashes}\n${Array.from({ length: 2000 }, (_, i) => random(64, undefined, i)).join('\n')}\n`;
  let output = '';
  for (let at = 0; at < key.length; at += 1000) output += stream.push(key.slice(at, at + 1000));
  output += stream.push(`${dashes}END PRIVATE KEY${dashes}\nafter\n`) + stream.end();
  expect(output.length).toBeLessThan(200);
  expect(output).toContain('after');
  const long = create().stream();
  const text = 'a'.repeat(12_000) + ` ghp_${random(36)} ` + 'b'.repeat(20_000);
  const parts = text.match(/[^]{1,777}/g) ?? [];
  const shown = parts.map((part) => long.push(part)).join('') + long.end();
  expect(shown.startsWith('a'.repeat(12_000))).toBe(true);
  expect(shown).not.toContain(random(36));
  expect(shown.endsWith('b'.repeat(20_000))).toBe(true);
});

test('clean text passes unchanged through any split', () => {
  const word = fc.constantFrom(
    'hello',
    'password:',
    'token',
    '-----',
    '-----BEGIN',
    'key =',
    'é',
    '\n',
    ' ',
    '\u001b[1m',
    '文',
    '12',
    '"',
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
        { maxLength: 8 },
      ),
      (chunks) => {
        const whole = chunks.join('');
        const stream = create().stream();
        const output = chunks.map((chunk) => stream.push(Buffer.from(chunk))).join('') + stream.end();
        if (create().text('log', whole).hits.length === 0) expect(output).toBe(whole);
      },
    ),
  );
});

test('ordinary source has no hits, and the speed is printed', { timeout: 60_000 }, async () => {
  const modules = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules');
  const files = ['fastify/lib', 'zod/src/v4/classic', 'ws/lib', 'commander/lib'].flatMap((directory) => {
    const at = join(modules, directory);
    if (!fs.existsSync(at)) return [];
    return fs.readdirSync(at).flatMap((name) => (/\.[cm]?[jt]s$/.test(name) ? [join(at, name)] : []));
  });
  const outbound = create(exact);
  let corpus = '';
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8');
    expect(outbound.text('file', text).hits, file).toEqual([]);
    corpus += text;
  }
  expect(corpus.length).toBeGreaterThan(200_000);
  const megabyte = corpus.repeat(Math.ceil(2 ** 20 / corpus.length)).slice(0, 2 ** 20);
  const time = async (name: string, run: () => unknown): Promise<string> => {
    const from = performance.now();
    await run();
    return `${name} ${(performance.now() - from).toFixed(0)} ms`;
  };
  const figures = [
    await time('text', () => outbound.text('file', megabyte)),
    await time('log', () =>
      outbound.text('log', '2026-11-21 12:00:00 INFO request 200 /path\n'.repeat(24_000)),
    ),
    await time('stream 4 kB pieces', () => {
      const stream = outbound.stream();
      for (let at = 0; at < megabyte.length; at += 4096) stream.push(megabyte.slice(at, at + 4096));
      stream.end();
    }),
    await time('deep, first', () => outbound.deep('file', 'x')),
    await time('deep', () => outbound.deep('file', megabyte)),
    await time('hostile BEGIN', () =>
      outbound.text('log', `${dashes}BEGIN PRIVATE KEY${dashes}`.repeat(38_000)),
    ),
    await time('hostile word', () => outbound.text('log', 'PASSWORD_'.repeat(110_000))),
    await time('hostile url', () => outbound.text('log', 'a://'.repeat(250_000))),
    await time('hostile escape', () => outbound.text('log', '\u001b]'.repeat(250_000))),
    await time('base64', () => outbound.text('log', random(2 ** 20))),
  ];
  process.stdout.write(`${files.length} clean files, 0 hits; 1 MB: ${figures.join(', ')}\n`);
});

test('the secretlint preset gives a second opinion on what leaves the machine', async () => {
  const secret = `xoxp-${random(12, '0123456789')}-${random(12, '0123456789')}-${random(32)}`;
  const result = await create().deep('file', `a ${secret} b`);
  expect(result.text).not.toContain(secret);
  expect(await create().deep('file', 'nothing here')).toEqual({
    text: 'nothing here',
    hits: [],
    action: null,
  });
});
