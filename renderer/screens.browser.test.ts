import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyHostState } from '../contract/apply-event.ts';
import { HostError } from '../contract/errors.ts';
import { browserBinary, startDashboard, type DashboardBench } from './test-support/browser.ts';
import { complaintsOf } from './test-support/complaints.ts';
import { loaded, openPage, picture } from './test-support/open-page.ts';
import { sampleState } from './test-support/sample-state.ts';
import { sampleTimeline } from './test-support/sample-timeline.ts';
import { createScriptedLogs } from './test-support/scripted-log.ts';
import { createScriptedRun } from './test-support/scripted-run.ts';
import { startScriptedHost, type ScriptedHost } from './test-support/scripted-host.ts';
import { answerSessions, sampleSession } from './test-support/session-answers.ts';

const now = Date.now();
const SIZES = [
  { width: 1280, height: 800 },
  { width: 800, height: 600 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
const SCREENS = [
  ...['overview', 'processes', 'processes/web', 'processes/_new', 'processes/_project', 'processes/vanished'],
  ...['sessions', 'sessions/s_1', 'sessions/s_2', 'agents', 'agents/demo', 'agents/_add', 'remote'],
  ...[
    'tasks',
    'tasks/task_1',
    'tasks/task_2',
    'tasks/task_3',
    'tasks/task_4',
    'tasks/_new',
    'tasks/_predefined',
  ],
];

const state = sampleState(now);
const logs = createScriptedLogs();
const smoke = createScriptedRun('smoke');
const sessions = new Map(
  [
    sampleSession('s_1', now),
    sampleSession('s_2', now, {
      ...{
        state: 'open',
        title: 'A title that is rather long, as those are that an agent makes up by itself',
      },
      modes: {
        current: 'ask',
        available: [{ id: 'ask', name: 'Ask first', description: 'asks before each change' }],
      },
      usage: {
        ...{ inputTokens: 12_000, outputTokens: 3400, cachedTokens: 800, totalTokens: 16_200 },
        ...{ contextUsed: 16_200, contextSize: 200_000, cost: { amount: 0.1234, currency: 'USD' } },
      },
    }),
  ].map((session) => [session.id as string, session]),
);

function answer(name: string, input: unknown): unknown {
  const answers: Record<string, (input: unknown) => unknown> = {
    ...logs.answers,
    ...smoke.answers,
    'agents.list': () => ({ agents: Object.values(state.agents) }),
    'tasks.actions': () => ({
      actions: [
        {
          ...{ name: 'smoke', argv: ['npm', 'run', 'smoke'], workspaceId: 'ws_1' },
          ...{ cwd: '.', timeoutMs: 60_000, risk: 'medium' },
        },
      ],
      logSources: [{ name: 'server', workspaceId: 'ws_1', path: 'log/server.log' }],
      unusable: [{ name: 'gone', reason: 'its folder is outside of the workspace' }],
    }),
    'supervisor.figures': () => ({
      ...{ at: new Date(now).toISOString(), supported: true },
      processes: [
        {
          ...{ name: 'web', processes: 3, ports: [5173, 24_678] },
          samples: Array.from({ length: 90 }, (_, i) => ({
            at: new Date(now - (90 - i) * 2000).toISOString(),
            cpu: i === 0 ? null : Math.abs(Math.sin(i / 9)) * 1.4,
            memory: 180_000_000 + i * 400_000,
          })),
        },
      ],
      parts: [],
      ended: [],
    }),
  };
  return answers[name]?.(input) ?? answerSessions(name, input, sessions, () => sampleTimeline(now));
}

describe.skipIf(browserBinary === undefined)(
  'the screens as somebody looks at them who looks closely',
  { timeout: 180_000 },
  () => {
    let bench: DashboardBench;
    const others: ScriptedHost[] = [];

    beforeAll(async () => {
      logs.print(
        'web',
        Array.from(
          { length: 300 },
          (_, i) => `\u001B[3${i % 8}m${i}\u001B[0m GET /api/items/${i} 200 ${'long '.repeat(i % 40)}`,
        ),
      );
      bench = await startDashboard({ state, answer, streams: () => '' });
    }, 90_000);
    afterAll(async () => {
      for (const other of others) await other.close();
      await bench.close();
    });

    async function look(screen: string, url?: string, kind = ''): Promise<void> {
      const found: string[] = [];
      const { page, faults } = await openPage(bench, screen, url === undefined ? {} : { url });
      await loaded(page);
      if (screen === 'processes/_new') await page.getByText('More', { exact: true }).click();
      if (screen === 'processes/web' && kind === '') await page.locator('.log-row').first().waitFor();
      for (const size of SIZES) {
        for (const colorScheme of SCHEMES) {
          await page.setViewportSize(size);
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await expect
            .poll(() => page.evaluate(() => document.documentElement.dataset['theme']))
            .toBe(colorScheme);
          // Colours go over from one scheme to the other: what counts is where they arrive.
          await page.evaluate(() =>
            Promise.allSettled(
              document
                .getAnimations()
                .filter((one) => one instanceof CSSTransition)
                .map((one) => one.finished),
            ),
          );
          const at = `${screen.replace('/', '-')}${kind}-${size.width}-${colorScheme}`;
          await picture(page, `look-${at}`);
          found.push(...(await complaintsOf(page)).map((complaint) => `${at}: ${complaint}`));
        }
      }
      await page.close();
      found.push(...faults);
      expect(found).toEqual([]);
    }

    test.each(SCREENS)(
      '%s: nothing is cut off, unnamed or hard to read, in a large and a small window, light and dark',
      (screen) => look(screen),
    );

    test.each(['processes', 'sessions', 'agents', 'tasks', 'remote'])(
      '%s of a host where nothing happened yet',
      async (screen) => {
        const { files } = bench;
        const empty = (name: string) => {
          if (name === 'agents.list') return { agents: [] };
          if (name === 'sessions.list') return { sessions: [], next: null, notices: [] };
          return undefined;
        };
        const fresh = await startScriptedHost({
          files,
          state: emptyHostState,
          answer: empty,
          streams: () => '',
        });
        others.push(fresh);
        await look(screen, fresh.url, '-empty');
      },
    );

    test.each(['processes/web', 'sessions', 'sessions/s_1', 'agents', 'tasks/task_1', 'tasks/_predefined'])(
      '%s of a host that refuses',
      async (screen) => {
        const { files } = bench;
        const refuse = () => {
          throw new HostError('internal', 'the disk gave an error while this was read');
        };
        const broken = await startScriptedHost({ files, state, answer: refuse, streams: () => '' });
        others.push(broken);
        await look(screen, broken.url, '-error');
      },
    );

    test.each(['processes/web', 'sessions/s_1', 'agents/demo', 'tasks/task_1', 'remote'])(
      '%s of a host that went away',
      async (screen) => {
        const { page } = await openPage(bench, screen, { width: 800, height: 600 });
        await loaded(page);
        bench.host.reachable(false);
        await page.getByText('This is what it said at').waitFor();
        await picture(page, `look-${screen.replace('/', '-')}-offline`, true);
        const found = await complaintsOf(page);
        bench.host.reachable(true);
        await page.getByText('This is what it said at').waitFor({ state: 'detached', timeout: 30_000 });
        expect(found).toEqual([]);
        await page.close();
      },
    );
  },
);
