import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { BridgeModes } from '../../../contract/bridge.ts';
import { useHost, useHostState, useOnline, usePending } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Card } from '../../ui/parts.tsx';
import { modeNames, raises } from './mode-changes.ts';

const t = en.bridge;
const KEY = 'bridge.modes';

interface Change {
  readonly input: Partial<BridgeModes>;
  readonly title: string;
  readonly means: string;
}

/** What clients of the bridge may do. Raising a mode first says what becomes possible. */
export function BridgeModesCard() {
  const modes = useHostState((state) => state.bridge.modes);
  const [asking, setAsking] = useState<Change | null>(null);
  const { actions } = useHost();
  const busy = usePending(KEY);
  const online = useOnline();
  const set = (input: Partial<BridgeModes>) =>
    void actions.run(KEY, 'bridge.setModes', input, { what: t.setModes, done: t.modesSet });

  function choose(mode: keyof BridgeModes, value: string): void {
    const to = modeNames[mode].find((known) => known === value);
    if (to === undefined || to === modes[mode]) return;
    const input = { [mode]: to };
    const words: Readonly<Record<string, { name: string; means: string }>> = t.modes[mode].values;
    const { name = to, means = '' } = words[to] ?? {};
    if (raises(mode, modes[mode], to))
      setAsking({ input, title: t.raiseTitle(t.modes[mode].name, name), means });
    else set(input);
  }
  const row = (mode: keyof BridgeModes) => {
    const words: Readonly<Record<string, { name: string; means: string }>> = t.modes[mode].values;
    return (
      <div className="field" key={mode}>
        <span className="field-label">{t.modes[mode].name}</span>
        <SegmentedControl
          aria-label={t.modes[mode].name}
          value={modes[mode]}
          disabled={busy || !online}
          onChange={(value) => choose(mode, value)}
          data={modeNames[mode].map((value) => ({ value, label: words[value]?.name ?? value }))}
        />
        <p className="muted">{words[modes[mode]]?.means}</p>
      </div>
    );
  };
  return (
    <Card title={t.modesTitle}>
      {(['tools', 'write', 'bash'] as const).map(row)}
      {asking && (
        <Confirm
          title={asking.title}
          action={t.raise}
          danger
          onClose={() => setAsking(null)}
          onConfirm={() => set(asking.input)}
        >
          <p>{t.raiseLead}</p>
          <p className="quoted">{asking.means}</p>
        </Confirm>
      )}
    </Card>
  );
}
