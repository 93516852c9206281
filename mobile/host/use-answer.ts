import { useFocusEffect } from 'expo-router';
import { useCallback, useRef, useState } from 'react';

/** Asked when somebody comes to look, when the host comes back, and on request; undefined before the first answer. */
export function useAnswer<A>(ask: (() => Promise<A>) | undefined): {
  answer: A | undefined;
  asking: boolean;
  again: () => void;
} {
  const [answer, setAnswer] = useState<A>();
  const [asking, setAsking] = useState(false);
  const round = useRef(0);
  const again = useCallback(() => {
    if (!ask) return;
    round.current += 1;
    const mine = round.current;
    setAsking(true);
    void ask().then((said) => {
      if (mine !== round.current) return;
      setAnswer(said);
      setAsking(false);
    });
  }, [ask]);
  useFocusEffect(
    useCallback(() => {
      again();
      return () => {
        round.current += 1;
        setAsking(false);
      };
    }, [again]),
  );
  return { answer, asking, again };
}
