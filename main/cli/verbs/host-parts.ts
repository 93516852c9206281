import type { HostPart } from '../../../contract/figures.ts';
import { table } from '../plain-text.ts';

const MIB = 1_048_576;

/** What the host runs beside the managed processes, with the latest figures alone. Pure. */
export function partsDocument(parts: readonly HostPart[]) {
  return parts.map(({ samples, ...part }) => ({ ...part, memory: samples.at(-1)?.memory ?? null }));
}

/** The same as a table for people. Pure. */
export function partsText(parts: readonly HostPart[]): string {
  return table(
    ['ALSO RUNNING', 'PID', 'MEMORY', 'PORTS', 'SINCE'],
    partsDocument(parts).map(({ kind, memory, name, pid, ports, startedAt }) => [
      name === '' ? kind : `${kind} ${name}`,
      String(pid),
      memory === null ? '-' : `${Math.round(memory / MIB)} MiB`,
      ports.join(',') || '-',
      startedAt ?? '-',
    ]),
  );
}
