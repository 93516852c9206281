import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { HostsGate } from '../hosts/hosts-gate.tsx';
import { TaskForm } from './task-form.tsx';

/** One that answers, or will: what is written for it meanwhile waits on this phone. */
const takesTasks = ({ link }: HostView): boolean =>
  link.kind === 'online' || link.kind === 'connecting' || link.kind === 'offline';

/** Those that this device may give tasks to, the ones that answer first. */
export function hostsForTasks(hosts: readonly HostView[]): HostView[] {
  const fit = hosts.filter((host) => takesTasks(host) && host.scopes.includes('submit'));
  return [
    ...fit.filter(({ link }) => link.kind === 'online'),
    ...fit.filter(({ link }) => link.kind !== 'online'),
  ];
}

/** Submit a task to one of the hosts. */
export function NewTaskScreen() {
  return (
    <HostsGate>
      {(hosts) => {
        const ready = hostsForTasks(hosts);
        if (ready.length > 0) return <TaskForm hosts={ready} />;
        const mayOnlyLook = hosts.every(({ scopes }) => !scopes.includes('submit'));
        return mayOnlyLook ? (
          <EmptyState icon="shield" title={t.task.mayOnlyLook} text={t.task.mayOnlyLookHint} />
        ) : (
          <EmptyState icon="offline" title={t.task.noneReady} text={t.task.noneReadyHint} />
        );
      }}
    </HostsGate>
  );
}
