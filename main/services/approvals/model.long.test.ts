import { test } from 'vitest';
import { campaign } from '../../testing/approval-model.ts';

test('whatever is done in whatever order: no state goes back, the first answer wins, one yes is one act', async () => {
  await campaign(5000);
});
