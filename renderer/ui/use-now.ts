import { useEffect, useState } from 'react';

/** The present time in milliseconds, once a second; only what counts down or shows an age uses it. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
