import { expect, test } from 'vitest';
import { runPairingModel } from '../../testing/identity/pairing-model.ts';

test(
  'in any life of a host and three phones, a code admits one device, and none without the owner',
  { timeout: 60_000 },
  async () => {
    const { seen, figure } = await runPairingModel(500);
    process.stdout.write(figure);
    // Each of these was reached, so that none of the rules held only because nothing happened.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  },
);
