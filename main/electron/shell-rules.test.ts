import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { emptyHostState } from '../../contract/apply-event.ts';
import type { HostState } from '../../contract/host-state.ts';
import { askPage } from './ask-page.ts';
import { desktopEntry } from './desktop-entry.ts';
import { externalUrl } from './external-url.ts';
import { homeOption, isRoute, refusalOf } from './launch.ts';
import { createNoticeWatch } from './notices.ts';
import { plainInput } from './plain-input.ts';
import { createRateLimit } from './rate-limit.ts';
import { isOurPage } from './sender.ts';
import { lookUp, siteFiles } from './site.ts';
import { texts } from './texts.ts';

test('an installed app refuses to start with a debugging port, an inspector or no sandbox', () => {
  const start = (isPackaged: boolean, isRoot: boolean, ...argv: string[]) =>
    refusalOf({ argv: ['signalbox', ...argv], isPackaged, isRoot }, texts);
  for (const flag of [
    '--remote-debugging-port=0',
    '--remote-debugging-pipe',
    '--inspect',
    '--inspect-brk=9229',
  ]) {
    expect(start(true, false, flag)).toBe(texts.launch.remoteDebugging);
    expect(start(false, false, flag)).toBeNull();
  }
  expect(start(true, false, '--no-sandbox')).toBe(texts.launch.noSandbox);
  expect(start(true, true, '--no-sandbox')).toBeNull();
  expect(start(true, false, '--home=/somewhere')).toBeNull();
});

test('the home is named by either form of the option', () => {
  expect(homeOption(['app', '--home=/a'])).toBe('/a');
  expect(homeOption(['app', '--home', '/b'])).toBe('/b');
  expect(homeOption(['app'])).toBeUndefined();
});

test('only our site, in the top frame of our own window, is heard', () => {
  const ours = { contentsId: 7, frameUrl: 'app://signalbox/#/devices', isTopFrame: true };
  expect(isOurPage(ours, 7)).toBe(true);
  const others = [
    { ...ours, contentsId: 8 },
    { ...ours, isTopFrame: false },
    { ...ours, frameUrl: null },
    ...['', 'app://signalbox.evil/', 'app://evil/signalbox', 'https://signalbox/', 'file://signalbox/'].map(
      (frameUrl) => ({ ...ours, frameUrl }),
    ),
    ...['app://a@signalbox/', 'app://signalbox:80/', 'about:blank', 'app:signalbox'].map((frameUrl) => ({
      ...ours,
      frameUrl,
    })),
  ];
  for (const other of others) expect(isOurPage(other, 7), JSON.stringify(other)).toBe(false);
  expect(isOurPage(ours, null)).toBe(false);
});

test('a burst goes through, more has to wait until the bucket fills', () => {
  let now = 0;
  const allow = createRateLimit({ burst: 3, perSecond: 2, monotonic: () => now });
  expect([allow(), allow(), allow(), allow()]).toEqual([true, true, true, false]);
  now = 500;
  expect([allow(), allow()]).toEqual([true, false]);
  now = 3_600_000;
  expect([allow(), allow(), allow(), allow()]).toEqual([true, true, true, false]);
});

test('only plain JSON of a bounded length gets past the door', () => {
  expect(plainInput({ a: [1, 'x', null] })).toEqual({ a: [1, 'x', null] });
  expect(plainInput(undefined)).toBeUndefined();
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  expect(() => plainInput(cyclic)).toThrow(/plain JSON/);
  expect(() => plainInput(10n)).toThrow(/plain JSON/);
  expect(() => plainInput('x'.repeat(4_194_304))).toThrow(/bytes/);
});

test('the site serves the files of its list; no address becomes a path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-site-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'site', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.js'), 'no');
  writeFileSync(join(folder, 'site', 'index.html'), 'page');
  writeFileSync(join(folder, 'site', 'assets', 'a.js'), 'script');
  symlinkSync(join(folder, 'secret.js'), join(folder, 'site', 'link.js'));
  symlinkSync(folder, join(folder, 'site', 'up'));
  const files = siteFiles(join(folder, 'site'));
  expect([...files.keys()].sort()).toEqual(['/', '/assets/a.js', '/index.html']);
  const get = (url: string, method = 'GET') => lookUp(files, { method, url });
  expect(get('app://signalbox/')?.path).toBe(join(folder, 'site', 'index.html'));
  expect(get('app://signalbox/assets/a.js')?.type).toContain('javascript');
  for (const url of [
    'app://signalbox/../secret.js',
    'app://signalbox/%2e%2e/secret.js',
    'app://signalbox/..%2fsecret.js',
    'app://signalbox/up/secret.js',
    'app://signalbox/link.js',
    'app://signalbox/index.html?x',
    'app://evil/index.html',
    'https://signalbox/index.html',
    'nonsense',
  ]) {
    expect(get(url), url).toBeNull();
  }
  expect(get('app://signalbox/', 'POST')).toBeNull();
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      const found = get(`app://signalbox${path}`);
      return found === null || [...files.values()].includes(found);
    }),
  );
});

test('only a plain https address leaves the app', () => {
  expect(externalUrl('https://example.com/a?b#c')).toEqual({
    href: 'https://example.com/a?b#c',
    host: 'example.com',
  });
  for (const bad of [
    'http://example.com/',
    'file:///etc/passwd',
    'smb://host/share',
    'ms-msdt:/id',
    '\\\\host\\share',
    'javascript:alert(1)',
    'https://a@b/',
    'https://a:b@c/',
    'https://example.com:8443/',
    'https://example.com\\@evil/',
    ' https://example.com/',
    'https://exam\nple.com/',
    'https://',
    `https://example.com/${'x'.repeat(10_000)}`,
  ]) {
    expect(externalUrl(bad), bad).toBeNull();
  }
});

test('a route is a screen and at most one id', () => {
  expect(['#/devices', '#/approvals/Ab_-9'].map(isRoute)).toEqual([true, true]);
  expect(['', '#/', '#/a/b/c', '#/a/..', 'https://x', '#/a?b'].map(isRoute)).toEqual(Array(6).fill(false));
});

test('no text of a question becomes markup', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (title, body, yes) => {
      const tags = (html: string) => html.match(/<[a-z]/g)?.length;
      return (
        tags(askPage({ title, body, yes }, 'No')) === tags(askPage({ title: '', body: '', yes: '' }, 'No'))
      );
    }),
  );
});

test('an autostart entry quotes what a shell or the format would read', () => {
  const entry = desktopEntry('Signalbox', ['/opt/a b/app', '--home=/h "$x" `y` \\z %u']);
  expect(entry).toContain('Exec="/opt/a b/app" "--home=/h \\\\"\\\\$x\\\\" \\\\`y\\\\` \\\\\\\\z %%u"');
  expect(() => desktopEntry('x', ['a\nExec=evil'])).toThrow(RangeError);
});

test('each approval is told once, many at once as one, and never what it is about', () => {
  const approval = (id: string) =>
    [
      id,
      { id, state: 'pending', risk: 3, title: 'run secret', createdAt: '2026-01-01T00:00:00.000Z' },
    ] as const;
  const state = (...ids: string[]) =>
    ({ ...emptyHostState, approvals: Object.fromEntries(ids.map(approval)) }) as unknown as HostState;
  const news = createNoticeWatch(texts);
  expect(news(state('a'))).toEqual([{ title: 'Needs you: high risk', route: '#/approvals/a' }]);
  expect(news(state('a'))).toEqual([]);
  expect(news(state('a', 'b', 'c', 'd'))).toEqual([{ title: '3 approvals need you', route: '#/approvals' }]);
  expect(news(state())).toEqual([]);
});
