import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { isLive } from '../../ui/marks.ts';
import { CopyLine } from '../../ui/parts.tsx';

const t = en.processes;

/** Where the proxy shows it: null without a port, while it does not run, and while there is no proxy. */
function useAddress(process: ManagedProcess): URL | null {
  const proxy = useHostState((state) => state.listeners.proxy);
  if (proxy === null || process.definition.port === null || !isLive(process)) return null;
  const url = new URL(proxy);
  url.hostname = `${process.name}.localhost`;
  return url;
}

/** In the table, below the port. */
export function AddressNote({ process }: { process: ManagedProcess }) {
  const url = useAddress(process);
  return url && <p className="muted">{url.host}</p>;
}

/** To be taken to a browser: the window of the app opens no other page. */
export function ProcessAddress({ process }: { process: ManagedProcess }) {
  const url = useAddress(process);
  if (url === null) return null;
  return (
    <div className="process-address">
      <span className="muted">{t.address}</span>
      <CopyLine text={url.href} what={t.addressOf(process.name)} />
    </div>
  );
}
