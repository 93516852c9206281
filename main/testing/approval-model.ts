import fc from 'fast-check';
import { expect } from 'vitest';
import type { Approval } from '../../contract/approvals.ts';
import { handClock } from './fake-ports.ts';
import { asking, cli, owner, phone, request, run, testApprovals, type Decided } from './approvals-bench.ts';

/** What may follow what. Whatever is not here is final. */
const NEXT: Partial<Record<Approval['state'], readonly Approval['state'][]>> = {
  pending: ['pending', 'approved', 'denied', 'expired', 'cancelled'],
  approved: ['executing', 'stale'],
  executing: ['done', 'failed', 'stale', 'unknown'],
};
const PEOPLE = [owner, cli, phone('d1'), phone('d2')];

type Move =
  | { readonly do: 'ask'; readonly what: number; readonly comesAgain: boolean }
  | { readonly do: 'answer'; readonly who: number; readonly say: 'allow' | 'deny'; readonly times: number }
  | { readonly do: 'use'; readonly same: boolean; readonly fails: boolean }
  | { readonly do: 'leave' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'restart'; readonly ms: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ do: fc.constant('ask' as const), what: fc.nat(2), comesAgain: fc.boolean() }),
  fc.record({
    do: fc.constant('answer' as const),
    who: fc.nat(3),
    say: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('use' as const), same: fc.boolean(), fails: fc.boolean() }),
  fc.record({ do: fc.constant('leave' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1000, 30_000, 61_000, 301_000) }),
  fc.record({ do: fc.constant('restart' as const), ms: fc.constantFrom(0, 30_000, 400_000) }),
);

/** Plays the moves and watches every state that is published and every act that is done. */
async function play(moves: readonly Move[], approvers: number): Promise<void> {
  const rules = asking({ approvers });
  let host = testApprovals({ rules });
  const seen = new Map<string, Approval>();
  const acts = new Map<string, number>();
  let watched = 0;
  let decided: Decided[] = [];
  let askers: AbortController[] = [];

  function watch(): void {
    for (const event of host.events.slice(watched)) {
      if (event.type !== 'approval.changed') continue;
      const before = seen.get(event.approval.id);
      const to = event.approval;
      if (before !== undefined && before.state !== to.state) {
        expect(NEXT[before.state] ?? [], `${before.state} → ${to.state}`).toContain(to.state);
      }
      if (before !== undefined && 'decidedBy' in before && 'decidedBy' in to) {
        expect(to.decidedBy).toBe(before.decidedBy);
      }
      if (to.state === 'approved') {
        expect(new Set(to.votes.map((vote) => vote.by.replace(/^owner:.*/, 'owner'))).size).toBe(approvers);
      }
      seen.set(to.id, to);
    }
    watched = host.events.length;
  }

  const steps: { [K in Move['do']]: (step: Extract<Move, { do: K }>) => Promise<void> | void } = {
    ask({ what, comesAgain }) {
      const asker = new AbortController();
      askers.push(asker);
      const asked = request(run('make', String(what)), { comesAgain, signal: asker.signal });
      void host.approvals.decide(asked).then((one) => decided.push(one));
    },
    async answer({ who, say, times }) {
      const open = (await host.list()).find((one) => one.state === 'pending');
      if (!open) return;
      const by = PEOPLE[who] ?? owner;
      const { id: approvalId, actionHash } = open;
      const input = { approvalId, actionHash, decision: say, scope: 'once', reason: '' } as const;
      const proof = { counter: 1, signature: 'A'.repeat(86) };
      const decide = host.approvals.handlers['approvals.decide'];
      const signed = by.deviceId === null ? input : { ...input, proof };
      const results = await Promise.allSettled(Array.from({ length: times }, async () => decide(signed, by)));
      expect(results.filter((one) => one.status === 'fulfilled').length).toBeLessThanOrEqual(1);
    },
    async use({ same, fails }) {
      const permit = decided.shift();
      if (permit?.effect !== 'allow' || permit.approvalId === null) return;
      const id = permit.approvalId;
      const approval = seen.get(id);
      const facts = run('make', same ? (approval?.action.exec?.argv[1] ?? '') : 'other');
      const act = () => {
        acts.set(id, (acts.get(id) ?? 0) + 1);
        expect(same).toBe(true);
        return fails ? Promise.reject(new Error('broken')) : Promise.resolve();
      };
      // Twice at once: the second is never leave for anything.
      await Promise.allSettled([permit.execute(facts, act), permit.execute(facts, act)]);
    },
    leave: () => askers.shift()?.abort(),
    wait: ({ ms }) => host.clock.advance(ms),
    restart({ ms }) {
      host.approvals.stop();
      watch();
      const clock = handClock(host.clock.now() + ms);
      host = testApprovals({ db: host.db, clock, rules });
      [watched, decided, askers] = [0, [], []];
      host.approvals.start(100);
    },
  };
  for (const step of moves) {
    await (steps[step.do] as (step: Move) => Promise<void> | void)(step);
    await host.settled();
    watch();
  }
  for (const [id, count] of acts) {
    expect(count).toBe(1);
    expect(['done', 'failed', 'unknown']).toContain(seen.get(id)?.state);
  }
  host.db.close();
}

/** Random sequences of everything that can be done to approvals, over restarts. Prints one line with the figure. */
export async function campaign(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 30 }), fc.integer({ min: 1, max: 3 }), play),
    { numRuns },
  );
  process.stdout.write(`approval model: ${numRuns} sequences, no state went back, no leave was used twice\n`);
}
