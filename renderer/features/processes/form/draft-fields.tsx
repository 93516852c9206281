import { Checkbox, Textarea, TextInput } from '@mantine/core';
import { createContext, useContext } from 'react';
import type { ProcessDraft } from './draft.ts';
import type { Faults, Field } from './faults.ts';

/** The form as all of its parts see it. */
export interface FormView {
  readonly draft: ProcessDraft;
  readonly faults: Faults;
  /** Somebody wanted to start: what is missing is said as well. */
  readonly tried: boolean;
  set(change: Partial<ProcessDraft>): void;
}

export const FormContext = createContext<FormView | null>(null);

export function useForm(): FormView {
  const form = useContext(FormContext);
  if (!form) throw new Error('useForm needs a FormContext above it');
  return form;
}

/** What to say beside a field; nothing while it is empty and nobody wanted to start. */
export function useFault(field: Field): string | undefined {
  const { faults, tried } = useForm();
  const fault = faults[field];
  return fault && (tried || !fault.isMissing) ? fault.text : undefined;
}

/** The texts of a draft. */
export type TextKey = {
  [K in keyof ProcessDraft]: string extends ProcessDraft[K] ? K : never;
}[keyof ProcessDraft];

interface FieldProps {
  readonly of: TextKey & Field;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly placeholder?: string;
}

export function DraftText(
  props: FieldProps & {
    required?: boolean;
    'data-autofocus'?: true;
    numeric?: boolean;
    readOnly?: boolean;
  },
) {
  const { of, label, hint, numeric = false, ...rest } = props;
  const { draft, set } = useForm();
  return (
    <TextInput
      label={label}
      description={hint}
      inputMode={numeric ? 'decimal' : 'text'}
      value={draft[of]}
      error={useFault(of)}
      onChange={(event) => set({ [of]: event.currentTarget.value })}
      {...rest}
    />
  );
}

export function DraftLines({
  of,
  label,
  hint,
  ...rest
}: FieldProps & { required?: boolean; 'data-autofocus'?: true }) {
  const { draft, set } = useForm();
  return (
    <Textarea
      label={label}
      description={hint}
      rows={3}
      spellCheck={false}
      value={draft[of]}
      error={useFault(of)}
      onChange={(event) => set({ [of]: event.currentTarget.value })}
      {...rest}
    />
  );
}

export function DraftSwitch(props: {
  of: 'pty' | 'healthRestart' | 'inheritEnv' | 'sandbox';
  label: string;
  hint?: string;
}) {
  const { draft, set } = useForm();
  return (
    <Checkbox
      label={props.label}
      description={props.hint}
      checked={draft[props.of]}
      onChange={(event) => set({ [props.of]: event.currentTarget.checked })}
    />
  );
}
