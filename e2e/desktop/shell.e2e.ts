import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { commandNames } from '../../contract/command-names.ts';
import { fromRoot } from '../../build/lib/paths.mjs';
import { ready, startDesktop, type DesktopApp } from '../support/electron.ts';
import { until } from '../support/until.ts';

// Each test is one line of Electron's security checklist, tried on the real program.
let desktop: DesktopApp;
let page: Page;

beforeAll(async () => {
  desktop = await startDesktop();
  await ready(desktop);
  page = await desktop.dashboard();
  await until('the page is drawn', async () => (await page.locator('#root').textContent()) !== '');
});

afterAll(async () => {
  await desktop.stop();
});

const mainIsAlive = () => desktop.app.evaluate(({ app }) => app.getName());
const stays = () => expect(page.url()).toMatch(/^app:\/\/signalbox\//);

/** Runs text as a script of the page, past its policy, as a page that was taken over could. */
const inPage = <T>(script: string) => page.evaluate<T>(script);

test('the page holds exactly the listed functions, frozen', async () => {
  const found = await inPage<Record<string, string[]>>(
    `Object.fromEntries(Object.entries(signalbox).map(([key, value]) => [key, typeof value === 'function' ? [] : Object.keys(value)]))`,
  );
  const expected: Record<string, string[]> = { subscribe: [], follow: [] };
  for (const name of Object.keys(commandNames)) {
    const [service = '', verb = ''] = name.split('.');
    (expected[service] ??= []).push(verb);
  }
  const sorted = (api: Record<string, string[]>) =>
    Object.entries(api)
      .map(([key, verbs]) => [key, [...verbs].sort()])
      .sort();
  expect(sorted(found)).toEqual(sorted(expected));
  expect(await inPage(`Object.isFrozen(signalbox)`)).toBe(true);
});

test('there is no Node and no IPC in the page, a worker or a frame', async () => {
  const names = ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron', 'global'];
  const probe = `${JSON.stringify(names)}.filter((name) => typeof globalThis[name] !== 'undefined')`;
  expect(await inPage(probe)).toEqual([]);
  const inFrame = await inPage<unknown>(
    `(() => { const frame = document.createElement('iframe'); document.body.append(frame); const w = frame.contentWindow; const found = ${JSON.stringify([...names, 'signalbox'])}.filter((name) => typeof w[name] !== 'undefined'); frame.remove(); return found; })()`,
  );
  expect(inFrame).toEqual([]);
  // No worker runs at all: the policy has no place that one could come from, but for the site itself.
  const worker = await inPage(
    `new Promise((done) => { try { const w = new Worker(URL.createObjectURL(new Blob(['postMessage(typeof require)']))); w.onmessage = () => done('ran'); w.onerror = () => done('blocked'); } catch { done('blocked'); } })`,
  );
  expect(worker).toBe('blocked');
});

test('what the page does to its own built-ins does not reach the preload', async () => {
  const answer = await inPage<{ ok: boolean }>(
    `(async () => { const push = Array.prototype.push; const parse = JSON.parse; Array.prototype.push = () => { throw new Error('taken'); }; JSON.parse = () => 'taken'; try { return await signalbox.agents.list({}); } finally { Array.prototype.push = push; JSON.parse = parse; } })()`,
  );
  expect(answer.ok).toBe(true);
});

test('the window has every safe setting', async () => {
  const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    // What is off by default is left out of the list.
    return { nodeIntegrationInWorker: false, ...contents.getLastWebPreferences() };
  });
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
  });
});

test('the page cannot leave its address', async () => {
  for (const url of [
    'https://example.com/',
    'file:///etc/passwd',
    'data:text/html,x',
    'app://evil/',
    'javascript:1',
  ]) {
    await inPage(`void (location.href = ${JSON.stringify(url)})`);
    await inPage(
      `(() => { const a = document.createElement('a'); a.href = ${JSON.stringify(url)}; document.body.append(a); a.click(); a.remove(); })()`,
    );
  }
  await mainIsAlive();
  stays();
  expect(await inPage(`typeof signalbox.subscribe`)).toBe('function');
});

test('no second window opens, and no webview', async () => {
  const addresses = [
    'file:///etc/passwd',
    'data:text/html,x',
    'about:blank',
    'app://signalbox/',
    'http://example.com',
  ];
  for (const url of addresses)
    expect(await inPage(`window.open(${JSON.stringify(url)}) === null`)).toBe(true);
  await inPage(
    `(() => { const v = document.createElement('webview'); v.src = 'https://example.com'; document.body.append(v); })()`,
  );
  const contents = await desktop.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((one) => one.getURL()),
  );
  expect(contents).toHaveLength(1);
});

test('every permission is refused', async () => {
  const denied = await inPage<Record<string, string>>(`(async () => {
    const result = {};
    const attempt = async (name, run) => { try { await run(); result[name] = 'granted'; } catch { result[name] = 'denied'; } };
    const within = (promise) => Promise.race([promise, new Promise((_, no) => setTimeout(no, 3000))]);
    await attempt('media', () => within(navigator.mediaDevices.getUserMedia({ audio: true })));
    await attempt('display', () => within(navigator.mediaDevices.getDisplayMedia({ video: true })));
    await attempt('midi', () => within(navigator.requestMIDIAccess()));
    await attempt('clipboard-read', () => within(navigator.clipboard.readText()));
    await attempt('geolocation', () => within(new Promise((yes, no) => navigator.geolocation.getCurrentPosition(yes, no))));
    await attempt('hid', async () => { if ((await within(navigator.hid.requestDevice({ filters: [] }))).length === 0) throw 0; });
    await attempt('serial', () => within(navigator.serial.requestPort()));
    await attempt('usb', () => within(navigator.usb.requestDevice({ filters: [] })));
    await attempt('notifications', async () => { if ((await within(Notification.requestPermission())) !== 'granted') throw 0; });
    return result;
  })()`);
  expect(Object.entries(denied).filter(([, outcome]) => outcome !== 'denied')).toEqual([]);
});

test('the policy blocks inline scripts, eval, markup sinks and everything remote', async () => {
  const directives = [
    'connect-src',
    'img-src',
    'style-src-elem',
    'base-uri',
    'form-action',
    'require-trusted-types-for',
  ];
  const violations = await inPage<string[]>(`(async () => {
    const seen = [];
    const missing = new Set(${JSON.stringify(directives)});
    const allSeen = new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        seen.push(effectiveDirective);
        missing.delete(effectiveDirective);
        if (missing.size === 0) resolve();
      });
    });
    const script = document.createElement('script');
    try { script.textContent = 'globalThis.taken = 1'; } catch {}
    document.body.append(script);
    const data = document.createElement('script');
    try { data.src = 'data:text/javascript,globalThis.taken=1'; } catch {}
    document.body.append(data);
    try { document.body.innerHTML += '<b>x</b>'; seen.push('HTML was taken'); } catch {}
    await fetch('https://example.com/').catch(() => {});
    const image = new Image(); image.src = 'https://example.com/x.png';
    const style = document.createElement('style'); style.textContent = 'b{}'; document.head.append(style);
    try { new WebSocket('wss://example.com/'); } catch {}
    const base = document.createElement('base'); base.href = 'https://example.com/'; document.head.append(base); base.remove();
    const form = document.createElement('form'); form.action = 'https://example.com/'; document.body.append(form); form.submit(); form.remove();
    await allSeen;
    return [...new Set(seen)];
  })()`);
  expect(violations).not.toContain('HTML was taken');
  expect(violations).toEqual(expect.arrayContaining(directives));
  expect(await inPage(`typeof globalThis.taken`)).toBe('undefined');
  stays();
});

test('the site serves its own files and nothing else', async () => {
  const answers = await desktop.app.evaluate(async ({ session }) => {
    const own = session.fromPartition('signalbox');
    const attempts = [
      'app://signalbox/../../etc/passwd',
      'app://signalbox/%2e%2e/%2e%2e/etc/passwd',
      'app://signalbox/..%2f..%2fetc%2fpasswd',
      'app://signalbox/assets/..%5c..%5cmain%5celectron.mjs',
      'app://signalbox//etc/passwd',
      'app://signalbox/index.html?x=1',
      'app://signalbox/../main/electron.mjs',
      'app://evil/',
      'app://evil/index.html',
    ];
    const statuses = await Promise.all(attempts.map(async (url) => (await own.fetch(url)).status));
    const page = await own.fetch('app://signalbox/');
    return { statuses, page: page.status, policy: page.headers.get('content-security-policy') };
  });
  expect(new Set(answers.statuses)).toEqual(new Set([404]));
  expect(answers.page).toBe(200);
  expect(answers.policy).toContain("default-src 'none'");
});

test('another window, even one that shows our address with our preload, is not heard', async () => {
  const answer = await desktop.app.evaluate(
    async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true, contextIsolation: true, partition: 'signalbox' },
      });
      await other.loadURL('app://signalbox/');
      const reply = (await other.webContents.executeJavaScript('signalbox.agents.list({})')) as unknown;
      other.destroy();
      return reply;
    },
    fromRoot('dist', 'preload', 'preload.cjs'),
  );
  expect(answer).toMatchObject({ ok: false, error: { code: 'not_permitted' } });
});

test('2,000 hostile messages leave the main process alive and the next honest call answered', async () => {
  const outcome = await inPage<{ answered: number; accepted: number }>(`(async () => {
    let seed = 42;
    const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    const verbs = Object.entries(signalbox).filter(([, v]) => typeof v !== 'function').flatMap(([s, v]) => Object.keys(v).map((k) => [s, k])).filter(([s, k]) => /^(list|get|detail|timeline|read|decide|cancel)/.test(k));
    const cyclic = {}; cyclic.self = cyclic;
    const deep = JSON.parse('['.repeat(500) + ']'.repeat(500));
    const bad = [null, undefined, 0, -1, NaN, '', 'x'.repeat(100000), [], {}, cyclic, deep, 10n, new Date(), new Map([[1, 2]]), new Uint8Array(1000), JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'), { limit: 1e309 }, { limit: -1 }, { taskId: '../../etc/passwd' }, { approvalId: { toString: 1 } }];
    let answered = 0, accepted = 0;
    for (let i = 0; i < 2000; i += 1) {
      const [service, verb] = verbs[random(verbs.length)];
      try {
        const reply = await signalbox[service][verb](bad[random(bad.length)]);
        if (typeof reply?.ok === 'boolean') answered += 1;
        if (reply?.ok && typeof reply.value !== 'object') accepted += 1;
      } catch { answered += 1; }
      if (i % 100 === 99) await new Promise((done) => setTimeout(done, 200));
    }
    return { answered, accepted };
  })()`);
  expect(outcome).toEqual({ answered: 2000, accepted: 0 });
  expect(await desktop.app.evaluate(() => ({}) as { polluted?: unknown })).toEqual({});
  await mainIsAlive();
  const honest = await until('the bucket fills again', async () => {
    const reply = await inPage<{ ok: boolean }>(`signalbox.agents.list({})`);
    return reply.ok;
  });
  expect(honest).toBe(true);
});
