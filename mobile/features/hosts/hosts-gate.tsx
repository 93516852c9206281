import type { ReactNode } from 'react';
import { useHosts } from '../../host/connection.tsx';
import type { HostView } from '../../host/views.ts';
import { LoadingState } from '../../ui/empty-state.tsx';
import { Screen } from '../../ui/screen.tsx';
import { FarewellNotes } from './farewell-notes.tsx';
import { HostBanner } from './host-banner.tsx';
import { NoHost } from './no-host.tsx';

/** Shows `children` once there is a host; until then the loading or the empty state. Offline hosts stand above. */
export function HostsGate(props: { children: (hosts: readonly HostView[]) => ReactNode; fixed?: boolean }) {
  const hosts = useHosts();
  if (hosts === undefined) {
    return (
      <Screen fixed>
        <LoadingState />
      </Screen>
    );
  }
  if (hosts.length === 0) {
    return (
      <Screen fixed banner={<FarewellNotes />}>
        <NoHost />
      </Screen>
    );
  }
  const banners = (
    <>
      <FarewellNotes />
      {hosts.map((host) => (
        <HostBanner key={host.id} host={host} />
      ))}
    </>
  );
  return (
    <Screen banner={banners} fixed={props.fixed === true}>
      {props.children(hosts)}
    </Screen>
  );
}
