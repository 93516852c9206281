import { NativeSelect, TextInput } from '@mantine/core';
import { en } from '../../../texts/en.ts';
import type { CheckDraft, HealthKind, ReadyKind } from './draft.ts';
import { useFault, useForm } from './draft-fields.tsx';

const t = en.processForm;
const READY: readonly ReadyKind[] = ['none', 'text', 'regex', 'tcp', 'http', 'command'];
const HEALTH: readonly HealthKind[] = ['none', 'tcp', 'http', 'command'];

/** How it is known to be up. */
export function ReadyFields() {
  const { draft, set } = useForm();
  return (
    <>
      <NativeSelect
        label={t.readyWhen}
        value={draft.ready.kind}
        onChange={(event) => {
          const kind = READY.find((known) => known === event.currentTarget.value) ?? 'none';
          set({ ready: { ...draft.ready, kind } });
        }}
        data={READY.map((value) => ({ value, label: t.readyKinds[value] }))}
      />
      <CheckFields of="ready" check={draft.ready} onChange={(ready) => set({ ready })} />
    </>
  );
}

/** What is asked again and again once it is up. */
export function HealthFields() {
  const { draft, set } = useForm();
  return (
    <>
      <NativeSelect
        label={t.healthWhen}
        value={draft.health.kind}
        onChange={(event) => {
          const kind = HEALTH.find((known) => known === event.currentTarget.value) ?? 'none';
          set({ health: { ...draft.health, kind } });
        }}
        data={HEALTH.map((value) => ({ value, label: t.healthKinds[value] }))}
      />
      <CheckFields of="health" check={draft.health} onChange={(health) => set({ health })} />
    </>
  );
}

/** The fields of the kind that was chosen. */
function CheckFields<K extends ReadyKind>(props: {
  of: 'ready' | 'health';
  check: CheckDraft<K>;
  onChange: (check: CheckDraft<K>) => void;
}) {
  const { of, check, onChange } = props;
  const common = { of, check, onChange: (part: Partial<CheckDraft<K>>) => onChange({ ...check, ...part }) };
  if (check.kind === 'text') return <CheckText {...common} part="text" label={t.readyText} />;
  if (check.kind === 'regex') return <CheckText {...common} part="text" label={t.readyPattern} />;
  if (check.kind === 'tcp') return <CheckText {...common} part="port" label={t.checkPort} />;
  if (check.kind === 'command') return <CheckText {...common} part="command" label={t.checkCommand} />;
  if (check.kind === 'none') return null;
  return (
    <>
      <CheckText {...common} part="url" label={t.checkUrl} placeholder="http://127.0.0.1:3000/health" />
      <CheckText {...common} part="status" label={t.checkStatus} placeholder="200-399" />
    </>
  );
}

type Part = 'text' | 'port' | 'url' | 'status' | 'command';

function CheckText(props: {
  of: 'ready' | 'health';
  part: Part;
  label: string;
  placeholder?: string;
  check: Readonly<Record<Part, string>>;
  onChange: (part: Partial<Record<Part, string>>) => void;
}) {
  const { of, part, label, placeholder, check, onChange } = props;
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      inputMode={part === 'port' ? 'numeric' : part === 'url' ? 'url' : 'text'}
      spellCheck={false}
      value={check[part]}
      error={useFault(`${of}.${part}`)}
      onChange={(event) => onChange({ [part]: event.currentTarget.value })}
    />
  );
}
