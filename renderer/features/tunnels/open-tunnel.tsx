import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { InputOf } from '../../../contract/commands.ts';
import type { TunnelDriver } from '../../../contract/tunnels.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';

const t = en.tunnels;
const LIMITS = ['3600000', '14400000', '28800000', '86400000', ''] as const;
const DRIVERS: readonly TunnelDriver[] = ['quick', 'named', 'config'];

interface TunnelDraft {
  readonly driver: TunnelDriver;
  /** Milliseconds; empty for no limit. */
  readonly limit: (typeof LIMITS)[number];
  readonly hostname: string;
  /** Of a token or of a configuration, as the driver wants it. */
  readonly file: string;
}

const emptyDraft: TunnelDraft = { driver: 'quick', limit: '28800000', hostname: '', file: '' };

/** Null as long as something is missing that the driver needs. */
function inputOf({ driver, limit, ...draft }: TunnelDraft): InputOf<'tunnels.open'> | null {
  const [hostname, file] = [draft.hostname.trim(), draft.file.trim()];
  const forMs = limit === '' ? null : Number(limit);
  if (driver === 'quick') return { driver, forMs };
  if (file === '') return null;
  if (driver === 'config') return { driver, forMs, configFile: file, ...(hostname !== '' && { hostname }) };
  return hostname === '' ? null : { driver, forMs, hostname, tokenFile: file };
}

export function OpenTunnel({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(emptyDraft);
  const { actions } = useHost();
  const input = inputOf(draft);
  function open(): void {
    if (input === null) return;
    onClose();
    void actions.run('tunnel.open', 'tunnels.open', input, { what: t.open });
  }
  return (
    <Dialog title={t.openTitle} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          open();
        }}
      >
        <p>{t.openMeans}</p>
        <DraftFields draft={draft} onChange={setDraft} />
        <div className="buttons">
          <ActionButton action="tunnel.cancel" onClick={onClose}>
            {en.common.cancel}
          </ActionButton>
          <span className="spacer" />
          <ActionButton
            action="tunnel.open"
            color="danger"
            variant="filled"
            disabled={input === null}
            onClick={open}
          >
            {t.open}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

function DraftFields({ draft, onChange }: { draft: TunnelDraft; onChange: (draft: TunnelDraft) => void }) {
  const set = (change: Partial<TunnelDraft>) => onChange({ ...draft, ...change });
  return (
    <>
      <NativeSelect
        label={t.driver}
        description={t.drivers[draft.driver].means}
        value={draft.driver}
        onChange={(event) =>
          set({ driver: DRIVERS.find((known) => known === event.currentTarget.value) ?? 'quick' })
        }
        data={DRIVERS.map((value) => ({ value, label: t.drivers[value].name }))}
      />
      {draft.driver !== 'quick' && (
        <>
          <TextInput
            label={t.hostname}
            required={draft.driver === 'named'}
            value={draft.hostname}
            onChange={(event) => set({ hostname: event.currentTarget.value })}
          />
          <TextInput
            label={draft.driver === 'named' ? t.tokenFile : t.configFile}
            required
            value={draft.file}
            onChange={(event) => set({ file: event.currentTarget.value })}
          />
        </>
      )}
      <NativeSelect
        label={t.limit}
        value={draft.limit}
        onChange={(event) =>
          set({ limit: LIMITS.find((known) => known === event.currentTarget.value) ?? '28800000' })
        }
        data={LIMITS.map((value) => ({ value, label: t.limits[value] }))}
      />
    </>
  );
}
