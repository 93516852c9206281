import { MantineProvider } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { HostContext, useHostView, type HostContextValue } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { Loading } from '../ui/parts.tsx';
import { theme } from '../ui/theme.ts';
import { AdmissionScreen } from './admission-screen.tsx';
import { Banners } from './banners.tsx';
import { Notices } from './notices.tsx';
import { PaletteHost } from './palette.tsx';
import { Rail } from './rail.tsx';
import { useRoute, type Screen } from './route.ts';
import { ScreenBoundary } from './screen-boundary.tsx';
import { Announcer } from './announcer.tsx';

const views: Record<Screen, React.LazyExoticComponent<React.ComponentType<{ item: string | null }>>> = {
  overview: lazy(() => import('../features/overview/overview.tsx')),
  approvals: lazy(() => import('../features/approvals/approvals.tsx')),
  agents: lazy(() => import('../features/agents/agents.tsx')),
  sessions: lazy(() => import('../features/sessions/sessions.tsx')),
  tasks: lazy(() => import('../features/tasks/tasks.tsx')),
  processes: lazy(() => import('../features/processes/processes.tsx')),
  bridge: lazy(() => import('../features/bridge/bridge.tsx')),
  tunnels: lazy(() => import('../features/tunnels/tunnels.tsx')),
  remote: lazy(() => import('../features/remote/remote.tsx')),
  devices: lazy(() => import('../features/devices/devices.tsx')),
  audit: lazy(() => import('../features/audit/audit.tsx')),
  settings: lazy(() => import('../features/settings/settings.tsx')),
};

/** @param dark which of Mantine's two schemes fits the theme that is in effect */
export function App({ host, dark }: { host: HostContextValue; dark: boolean }) {
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={dark ? 'dark' : 'light'}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <HostContext value={host}>
        <Shell />
      </HostContext>
    </MantineProvider>
  );
}

function Shell() {
  const notAdmitted = useHostView((view) => view.link.kind === 'not-admitted');
  const { screen, item } = useRoute();
  const main = useRef<HTMLElement>(null);
  const View = views[screen];
  useEffect(() => {
    document.title = en.app.title(en.screens[screen]);
    main.current?.scrollTo(0, 0);
  }, [screen]);
  if (notAdmitted) return <AdmissionScreen />;
  return (
    <div className="shell">
      <a
        className="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {en.app.skip}
      </a>
      <Rail screen={screen} />
      <main id="main" ref={main} tabIndex={-1}>
        <Banners />
        <ScreenBoundary key={screen}>
          <Suspense fallback={<Loading />}>
            <View item={item} />
          </Suspense>
        </ScreenBoundary>
      </main>
      <Notices />
      <Announcer />
      <PaletteHost />
    </div>
  );
}
