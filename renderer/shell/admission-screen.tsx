import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { approveCommand, type AdmissionAnswer, type AdmissionRequest } from '../host/browser-admission.ts';
import { useHost } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { spacedCode } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { CopyLine } from '../ui/parts.tsx';

const RETRY_MS = 2000;
type Refusal = Exclude<AdmissionAnswer, 'admitted' | 'pending' | 'unreachable'> | 'not-taken';

/** A browser that the host does not know asks here, and the owner answers at the machine. */
export function AdmissionScreen() {
  const { admission, retry } = useHost();
  const [request, setRequest] = useState<AdmissionRequest | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  useEffect(() => {
    if (!admission || !request) return;
    let wanted = true;
    let timer = 0;
    const round = () => {
      void admission.answer(request.deviceId).then((answer) => {
        if (!wanted) return;
        if (answer === 'admitted') retry();
        else if (answer === 'refused' || answer === 'gone') {
          setRequest(null);
          setRefusal(answer);
        } else timer = window.setTimeout(round, answer === 'pending' ? 250 : RETRY_MS);
      });
    };
    round();
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [admission, request, retry]);

  async function ask(name: string): Promise<void> {
    setRefusal(null);
    const made = (await admission?.ask(name)) ?? null;
    if (made) setRequest(made);
    else setRefusal('not-taken');
  }
  return (
    <main className="admission">
      <h1>{en.admission.title}</h1>
      {request ? (
        <Waiting request={request} />
      ) : (
        <AskForm refusal={refusal} onAsk={(name) => void ask(name)} />
      )}
    </main>
  );
}

function AskForm({ refusal, onAsk }: { refusal: Refusal | null; onAsk: (name: string) => void }) {
  const [name, setName] = useState<string>(en.admission.defaultName);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk(name.trim());
      }}
    >
      <p>{en.admission.lead}</p>
      {refusal && (
        <p className="failure" role="alert">
          <Icon name="warning" /> {en.admission.refusals[refusal]}
        </p>
      )}
      <TextInput
        label={en.admission.name}
        value={name}
        maxLength={64}
        required
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className="buttons">
        <Button type="submit" variant="filled" disabled={name.trim() === ''}>
          {en.admission.ask}
        </Button>
      </div>
    </form>
  );
}

function Waiting({ request }: { request: AdmissionRequest }) {
  return (
    <div className="stack">
      <p>{en.admission.compare}</p>
      <p className="check-code" data-testid="admission-code">
        {spacedCode(request.checkCode)}
      </p>
      <CopyLine text={approveCommand(request)} what={en.admission.command} />
      <p className="muted" role="status">
        <Icon name="clock" /> {en.admission.waiting}
      </p>
    </div>
  );
}
