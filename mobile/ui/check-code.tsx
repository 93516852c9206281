import { t } from '../texts/t.ts';
import { Words } from './words.tsx';

/** Six digits in two groups, large; a screen reader says them one by one. */
export function CheckCode({ code }: { code: string }) {
  const shown = `${code.slice(0, 3)} ${code.slice(3)}`;
  return (
    <Words size="display" align="center" spoken={t.pair.checkSpoken([...code].join(' '))} testID="check-code">
      {shown}
    </Words>
  );
}
