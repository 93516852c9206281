import { useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Answer, CopyButton, CopyLine } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';

const t = en.audit;

/** The signed size of the log, to be kept elsewhere: what shows later that history was not rewritten. */
export function CheckpointDialog({ onClose }: { onClose: () => void }) {
  const answer = useQuery('audit.checkpoint', {});
  return (
    <Dialog title={t.checkpoint} onClose={onClose} wide>
      <Answer query={answer}>
        {({ note, publicKey }) => (
          <div className="stack">
            <p>{t.checkpointMeans}</p>
            <pre className="audit-note">
              <SafeText text={note} />
            </pre>
            <div className="buttons">
              <CopyButton text={note} what={t.checkpoint} />
            </div>
            <p>{t.keyMeans}</p>
            <CopyLine text={publicKey} what={t.key} />
          </div>
        )}
      </Answer>
    </Dialog>
  );
}
