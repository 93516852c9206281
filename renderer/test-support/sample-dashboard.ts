import { afterAll, beforeAll } from 'vitest';
import { startDashboard, type DashboardBench } from './browser.ts';
import { openPage, type OpenedPage, type PageOptions } from './open-page.ts';
import { sampleAnswer } from './sample-answers.ts';
import { sampleState } from './sample-state.ts';
import { sampleTimeline } from './sample-timeline.ts';

/** The dashboard before a host in the sample state, for the tests of one `describe`: there before them, closed behind them. */
export function sampleDashboard(now: number) {
  let bench: DashboardBench | undefined;
  const started = (): DashboardBench => {
    if (!bench) throw new Error('the dashboard is not there yet');
    return bench;
  };
  beforeAll(async () => {
    const timeline = sampleTimeline(now)
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('');
    bench = await startDashboard({
      state: sampleState(now),
      answer: (name, input) => sampleAnswer(name, input, now),
      streams: (source) => (source === 'timeline' ? timeline : ''),
    });
  }, 90_000);
  afterAll(() => bench?.close());
  return {
    get host() {
      return started().host;
    },
    get files() {
      return started().files;
    },
    open: (hash: string, options?: PageOptions): Promise<OpenedPage> => openPage(started(), hash, options),
    /** What the newest call of this name was given; undefined before the first. */
    last: (name: string): unknown => started().host.calls.findLast((call) => call.name === name)?.input,
  };
}
