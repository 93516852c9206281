import { useRouter } from 'expo-router';
import { View } from 'react-native';
import type { Tone } from '../../../contract/design/tokens.ts';
import { spacing } from '../../../contract/design/tokens.ts';
import type { EndedPartView, PartView } from '../../host/process-views.ts';
import type { HostView, TunnelView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Fold } from '../../ui/fold.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Words } from '../../ui/words.tsx';
import { endedMarks, runningMarks, usedByPart } from './part-marks.ts';
import type { PartMarks } from './part-marks.ts';

interface Row extends PartMarks {
  readonly key: string;
  /** The part whose output can be read; the page of the host, where a tunnel is closed; or nothing. */
  readonly leads: { readonly output: string } | 'host' | null;
}

interface Parts {
  readonly host: HostView;
  readonly parts: readonly PartView[];
  readonly ended: readonly EndedPartView[];
}

const listens = { icon: 'check', word: t.parts.listens, tone: 'ok' } as const;
const silent = { icon: 'stop', word: t.parts.silent, tone: 'neutral' } as const;
const tones: Readonly<Record<TunnelView['state'], Tone>> = {
  ...{ off: 'neutral', opening: 'info', open: 'warning', failed: 'danger' },
};

/** The tunnel; of one that failed, what its program printed before it ended can be read. */
function tunnelRows({ ended, host: { tunnel }, parts }: Parts, known: number): Row[] {
  const isTunnel = ({ kind }: { kind: PartView['kind'] }): boolean => kind === 'tunnel';
  const live = parts.find(isTunnel);
  if (tunnel.state === 'off' && !live) return [];
  const printed = live ?? (tunnel.state === 'failed' ? ended.find(isTunnel) : undefined);
  return [
    {
      ...{ key: 'tunnel', title: t.host.tunnel, lines: usedByPart(live, known) },
      badge: { icon: 'link', word: t.host.tunnelState[tunnel.state], tone: tones[tunnel.state] },
      leads: printed ? { output: printed.id } : 'host',
    },
  ];
}

/** What the host runs beside the managed processes; what is off has no row. */
function rowsOf(all: Parts, known: number): Row[] {
  const { doors } = all.host;
  const of = (kind: PartView['kind']): Row[] =>
    all.parts
      .filter((part) => part.kind === kind)
      .map((part) => ({
        ...{ key: part.id, ...runningMarks(part, known) },
        leads: kind === 'agent' ? { output: part.id } : null,
      }));
  const door = (key: 'bridge' | 'remote', lines: readonly string[], isUp: boolean): Row => ({
    ...{ key, title: t.parts.kinds[key], lines: [t.parts.inside, ...lines] },
    ...{ badge: isUp ? listens : silent, leads: null },
  });
  return [
    ...of('host'),
    ...(doors.bridge ? [door('bridge', [], true)] : []),
    ...(doors.remote
      ? [door('remote', [t.parts.connections(doors.remote.connections)], doors.remote.listens)]
      : []),
    ...tunnelRows(all, known),
    ...of('agent'),
    ...of('shim'),
  ];
}

function PartRow({ hostId, row: { badge, leads, lines, title } }: { hostId: string; row: Row }) {
  const router = useRouter();
  return (
    <ListRow
      title={title}
      {...(lines.length > 0 && { subtitle: lines.join(' · ') })}
      badges={<StatusBadge {...badge} />}
      {...(leads && {
        hint: leads === 'host' ? t.parts.openHost : t.parts.openOutput,
        onPress: () => {
          if (leads === 'host') router.push('/host');
          else router.push({ pathname: '/part/[id]', params: { id: leads.output, host: hostId } });
        },
      })}
    />
  );
}

/** What the host itself runs, and below it what of it ended lately. `known`: up to when its state is known. */
export function HostParts({ known, ...all }: Parts & { known: number }) {
  const { ended, host } = all;
  const rows = rowsOf(all, known);
  if (rows.length === 0 && ended.length === 0) return null;
  return (
    <View style={{ gap: spacing.sm, paddingTop: spacing.lg }}>
      <Words size="heading">{t.parts.title}</Words>
      {rows.map((row) => (
        <PartRow key={row.key} hostId={host.id} row={row} />
      ))}
      {ended.length > 0 && (
        <Fold
          title={t.parts.endedLately(ended.length)}
          said={{ open: t.parts.showEnded(ended.length), close: t.parts.hideEnded }}
        >
          {ended.map((part) => (
            <PartRow
              key={part.id}
              hostId={host.id}
              row={{ key: part.id, ...endedMarks(part, known), leads: { output: part.id } }}
            />
          ))}
        </Fold>
      )}
    </View>
  );
}
