import { useState } from 'react';
import type { CallResult } from '../../../contract/client.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';

const t = en.bridge;

export function SelfTest() {
  const { actions } = useHost();
  const [result, setResult] = useState<CallResult<'bridge.selfTest'> | null>(null);
  const run = async () =>
    setResult(await actions.run('bridge.self-test', 'bridge.selfTest', {}, { what: t.selfTest }));
  return (
    <div className="stack">
      <div className="buttons">
        <ActionButton action="bridge.self-test" onClick={() => void run()}>
          {t.selfTest}
        </ActionButton>
      </div>
      {result?.ok === true && (
        <p className="card-note" data-tone="ok" role="status">
          <Icon name="check" /> {t.selfTestOk(result.value.tools.length, Math.round(result.value.durationMs))}{' '}
          <span className="muted">
            <SafeText text={result.value.tools.join(', ')} />
          </span>
        </p>
      )}
      {result?.ok === false && <Failure error={result.error} />}
    </div>
  );
}
