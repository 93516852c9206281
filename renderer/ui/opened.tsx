import { useEffect, useRef, type ReactNode } from 'react';

/** Above this part of the window it is seen that something was opened. */
const IN_SIGHT = 0.6;

/**
 * What was chosen from a list; give it the key of that. Where it lies so far below the list that it is out of
 * sight, it is brought into view: otherwise nothing seems to happen.
 */
export function Opened({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const top = box.current?.getBoundingClientRect().top ?? 0;
    if (top > window.innerHeight * IN_SIGHT) box.current?.scrollIntoView({ block: 'start' });
  }, []);
  return (
    <div ref={box} className="opened">
      {children}
    </div>
  );
}
