import type { ApprovalStore } from './approval-store.ts';
import type { Questions } from './questions.ts';

/**
 * Takes back what a principal has said yes to where more must say so, and nothing is decided yet. One that cannot be
 * taken back is not counted when the next one answers.
 */
export function dropVotes(
  { store, questions }: { store: Pick<ApprovalStore, 'open'>; questions: Pick<Questions, 'step'> },
  principal: string,
): void {
  for (const { approval } of store.open()) {
    if (approval.state !== 'pending' || !approval.votes.some(({ by }) => by === principal)) continue;
    void questions
      .step(approval.id, (pending) => ({
        to: { ...pending, votes: pending.votes.filter(({ by }) => by !== principal) },
        actor: 'host',
        type: 'approval.vote-dropped',
        facts: { by: principal },
      }))
      .catch(() => {});
  }
}
