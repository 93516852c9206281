import type { PartKind } from '../../../../contract/figures.ts';
import type { HostParts } from '../../../kernel/host-parts.ts';

/** A part of the host that is to be measured. */
export interface Part {
  readonly id: string;
  readonly kind: PartKind;
  readonly name: string;
  readonly purpose: string;
  readonly pid: number;
  /** Milliseconds since 1970; null: the process table knows. */
  readonly startedAt: number | null;
}

/** What the host runs beside the managed processes, itself first. A shim inside the host is no part of its own. Pure. */
export function partList(facts: {
  readonly host: { readonly pid: number; readonly startedAt: number } | undefined;
  readonly shimPid: number | null;
  readonly children: ReturnType<HostParts['live']>;
}): Part[] {
  const { host, shimPid, children } = facts;
  const nameless = { name: '', purpose: '' };
  const hasShim = shimPid !== null && shimPid !== host?.pid;
  return [
    ...(host ? [{ ...nameless, ...host, id: 'host', kind: 'host' as const }] : []),
    ...(hasShim
      ? [{ ...nameless, id: `shim-${shimPid}`, kind: 'shim' as const, pid: shimPid, startedAt: null }]
      : []),
    ...children.filter(({ kind }) => kind === 'tunnel'),
    ...children.filter(({ kind }) => kind === 'agent'),
  ];
}
