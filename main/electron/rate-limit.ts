/**
 * A bucket of `burst` tokens that fills at `perSecond`. A page that runs wild is slowed down before its messages cost
 * anything.
 * @param monotonic milliseconds that never go back
 * @returns whether one more is let through now
 */
export function createRateLimit(options: {
  burst: number;
  perSecond: number;
  monotonic(): number;
}): () => boolean {
  const { burst, perSecond, monotonic } = options;
  let tokens = burst;
  let filledAt = monotonic();
  return () => {
    const now = monotonic();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
