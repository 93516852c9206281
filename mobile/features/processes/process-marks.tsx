import { View } from 'react-native';
import type { Tone } from '../../../contract/design/tokens.ts';
import type { FigureView, ProcessState, ProcessView } from '../../host/process-views.ts';
import { isAlive } from '../../host/process-view.ts';
import type { HostAction } from '../../host/views.ts';
import { bytes, cores, elapsed } from '../../texts/amounts.ts';
import { t } from '../../texts/t.ts';
import { ago, clock } from '../../texts/time.ts';
import { buttonRow, buttonRowItem } from '../../ui/button-row.ts';
import { Button } from '../../ui/button.tsx';
import { visible } from '../../ui/code.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

const look: Readonly<Record<ProcessState, { icon: IconName; tone: Tone }>> = {
  starting: { icon: 'spinner', tone: 'info' },
  running: { icon: 'play', tone: 'ok' },
  unhealthy: { icon: 'alert', tone: 'warning' },
  stopping: { icon: 'spinner', tone: 'info' },
  stopped: { icon: 'stop', tone: 'neutral' },
  failed: { icon: 'alert', tone: 'danger' },
  waiting: { icon: 'clock', tone: 'warning' },
};

export function ProcessBadge({ state }: Pick<ProcessView, 'state'>) {
  return <StatusBadge {...look[state]} word={t.processes.state[state]} />;
}

/**
 * How it stands, most important first: why it does not run, for how long it does, how often it was started again.
 * @param known up to when the state of the host is known: nobody can say that it still ran after that
 */
export function standingOf(process: ProcessView, now: number, known: number): string[] {
  const { detail, endedAt, port, restarts, retryAt, startedAt } = process;
  return [
    ...(detail === undefined ? [] : [visible(detail)]),
    ...(retryAt === null ? [] : [t.processes.again(clock(retryAt - now))]),
    ...(startedAt === null ? [] : [t.processes.up(elapsed(known - startedAt))]),
    ...(startedAt === null && retryAt === null && endedAt !== null
      ? [t.processes.ended(ago(t, endedAt, now))]
      : []),
    ...(restarts === 0 ? [] : [t.processes.restarts(restarts)]),
    ...(port === null ? [] : [t.processes.port(port)]),
  ];
}

/** What it uses, in one line; none while nothing is known. */
export function usedBy(figure: FigureView | undefined): string[] {
  if (!figure) return [];
  return [t.processes.cpu(cores(figure.cpu)), t.processes.memory(bytes(figure.memory))];
}

type Verb = 'start' | 'stop' | 'restart';
const told = { start: t.processes.started, stop: t.processes.stopped, restart: t.processes.restarted };

/** What a person may do with a process now, and what happens then. `onAct`: the action, and how its success is told. */
export function ProcessButtons(props: {
  hostId: string;
  process: ProcessView;
  disabled: boolean;
  onAct: (action: HostAction, done: string) => void;
}) {
  const { disabled, hostId, onAct, process } = props;
  const button = (verb: Verb, icon: IconName) => (
    <View style={buttonRowItem}>
      <Button
        icon={icon}
        label={t.processes[verb]}
        hint={visible(process.name)}
        disabled={disabled || process.state === 'stopping'}
        onPress={() => {
          onAct({ kind: 'process', hostId, processId: process.id, verb }, told[verb](process.name));
        }}
      />
    </View>
  );
  return (
    <View style={buttonRow}>
      {isAlive(process) ? (
        <>
          {button('restart', 'restart')}
          {button('stop', 'stop')}
        </>
      ) : (
        button('start', 'play')
      )}
    </View>
  );
}
