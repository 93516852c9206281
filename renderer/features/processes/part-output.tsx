import { useState } from 'react';
import { useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { ActionButton, Answer } from '../../ui/parts.tsx';
import { Printed } from '../tasks/printed.tsx';

const t = en.hostParts;

/** What a tunnel or an agent printed last, read when it is opened and when somebody wants it again. */
export function PartOutput({ id, title }: { id: string; title: string }) {
  const [look, setLook] = useState(0);
  const query = useQuery('supervisor.readPartOutput', { id }, look);
  const again = () => setLook((count) => count + 1);
  return (
    <div className="stack">
      <div className="buttons">
        <p className="muted">{t.stderr}</p>
        <span className="spacer" />
        <ActionButton action={`part.${id}`} onClick={again}>
          {t.readAgain}
        </ActionButton>
      </div>
      <Answer query={query} onRetry={again}>
        {(printed) => <Printed of={title} pieces={[printed]} />}
      </Answer>
    </div>
  );
}
