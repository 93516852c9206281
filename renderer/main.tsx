import './styles/index.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createActions } from './host/actions.ts';
import { connectToHost } from './host/connect.ts';
import { createMirrorStore } from './host/mirror-store.ts';
import type { HostContextValue } from './host/use-host.tsx';
import { App } from './shell/app.tsx';
import { startAppearance } from './shell/appearance.ts';

const { link, admission } = connectToHost(window);
const host: HostContextValue = {
  client: link.client,
  mirror: createMirrorStore(link, Date.now),
  actions: createActions(link.client),
  admission,
  retry: () => link.retry(),
};

const container = document.getElementById('root');
if (!container) throw new Error('the page has no #root');
const root = createRoot(container);
startAppearance(window, (dark) => {
  root.render(
    <StrictMode>
      <App host={host} dark={dark} />
    </StrictMode>,
  );
});
