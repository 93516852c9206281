import { principalName } from '../ui/principal-name.ts';
import { SafeText } from '../ui/safe-text.tsx';
import { useHostState } from './use-host.tsx';

/** Who it was, by name; the exact principal is in the title. Several stand in the order in which they asked. */
export function Principal({ of }: { of: string | readonly string[] }) {
  const devices = useHostState((state) => state.devices);
  const tokens = useHostState((state) => state.tokens);
  const chain = typeof of === 'string' ? [of] : of;
  const names = chain.map((principal) => principalName(principal, { devices, tokens }));
  return (
    <span title={chain.join(' → ')}>
      <SafeText text={names.join(' → ')} />
    </span>
  );
}
