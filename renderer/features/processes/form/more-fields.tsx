import type { ReactNode } from 'react';
import { en } from '../../../texts/en.ts';
import { HealthFields, ReadyFields } from './check-fields.tsx';
import { HOST_CHOICES } from './draft.ts';
import { DraftLines, DraftSwitch, DraftText, useForm } from './draft-fields.tsx';

const t = en.processForm;

/** Everything that most processes do well without. */
export function MoreFields() {
  const { draft } = useForm();
  const hasVariables = Object.keys(draft.known?.env ?? {}).length > 0;
  return (
    <div className="stack form-more">
      {draft.restart !== 'never' && (
        <Part title={t.restarting}>
          <Number of="maxRestarts" label={t.maxRestarts} />
          <Number of="delay" label={t.delay} hint={t.delayHint} />
          <Number of="healthyAfter" label={t.healthyAfter} hint={t.healthyAfterHint} />
        </Part>
      )}
      <Part title={t.readiness}>
        <ReadyFields />
        {draft.ready.kind !== 'none' && <Number of="readyTimeout" label={t.readyTimeout} />}
      </Part>
      <Part title={t.health}>
        <HealthFields />
        {draft.health.kind !== 'none' && (
          <>
            <Number of="healthInterval" label={t.healthInterval} />
            <Number of="healthTimeout" label={t.healthTimeout} />
            <Number of="healthFailures" label={t.healthFailures} />
            <DraftSwitch of="healthRestart" label={t.healthRestart} />
          </>
        )}
      </Part>
      <Part title={t.watch}>
        <DraftLines of="watch" label={t.watchPaths} hint={t.watchHint} />
        {draft.watch.trim() !== '' && (
          <>
            <DraftLines of="ignore" label={t.ignore} hint={t.ignoreHint} />
            <Number of="debounce" label={t.debounce} />
          </>
        )}
      </Part>
      <Part title={t.environment}>
        <DraftLines of="env" label={t.env} hint={hasVariables ? t.envKept : t.envHint} />
        <DraftSwitch of="inheritEnv" label={t.inheritEnv} hint={t.inheritEnvHint} />
      </Part>
      <Part title={t.rest}>
        <DraftText of="dependsOn" label={t.dependsOn} hint={t.dependsOnHint} />
        <Number of="stopGrace" label={t.stopGrace} hint={t.stopGraceHint} />
        <DraftSwitch of="sandbox" label={t.sandbox} hint={t.sandboxHint} />
      </Part>
    </div>
  );
}

/** A field whose empty state is the host's own choice, in grey. */
function Number(props: { of: keyof typeof HOST_CHOICES; label: string; hint?: string }) {
  return <DraftText {...props} numeric placeholder={HOST_CHOICES[props.of]} />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="form-part">
      <legend>{title}</legend>
      <div className="columns">{children}</div>
    </fieldset>
  );
}
