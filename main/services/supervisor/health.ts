import type { HealthCheck } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import { probeOnce, type Try } from './probe.ts';

export interface HealthEvents {
  failed(failures: number): void;
  recovered(): void;
}

/** What a row of answers means. Pure. @returns the failures in a row, and what is to be told about it */
export function judgeHealth(
  before: { readonly failures: number; readonly isHealthy: boolean },
  worked: boolean,
  limit: number,
): { readonly failures: number; readonly isHealthy: boolean; readonly tell: 'failed' | 'recovered' | null } {
  if (worked) return { failures: 0, isHealthy: true, tell: before.isHealthy ? null : 'recovered' };
  const failures = before.failures + 1;
  const fails = failures >= limit;
  return {
    failures,
    isHealthy: before.isHealthy && !fails,
    tell: fails && before.isHealthy ? 'failed' : null,
  };
}

/** Asks again and again, one question at a time. The returned function ends that. */
export function watchHealth(
  { intervalMs, timeoutMs, failures: limit }: HealthCheck,
  attempt: Try,
  clock: Clock,
  events: HealthEvents,
): () => void {
  let health = { failures: 0, isHealthy: true };
  let cancel = () => {};
  let over = false;
  const later = () => (cancel = clock.after(intervalMs, ask));
  const ask = () => {
    cancel = probeOnce(attempt, timeoutMs, clock, (worked) => {
      if (over) return;
      const { tell, ...next } = judgeHealth(health, worked, limit);
      health = next;
      // First the next question: what is told may end the watch.
      later();
      if (tell === 'failed') events.failed(next.failures);
      if (tell === 'recovered') events.recovered();
    });
  };
  later();
  return () => {
    over = true;
    cancel();
  };
}
