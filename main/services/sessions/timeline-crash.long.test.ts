import { test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { anyPage, damagedEnds } from '../../testing/timeline-campaign.ts';

test('20,000 damaged ends of timelines lose no entry', { timeout: 600_000 }, () => {
  damagedEnds(temporaryFolder(), 20_000);
  process.stdout.write('timeline end: 20000 damaged ends, 0 entries lost\n');
});

test('2,000 timelines give no wrong page', { timeout: 600_000 }, () => {
  anyPage(temporaryFolder(), 2000);
  process.stdout.write('timeline pages: 2000 timelines, 0 wrong pages\n');
});
