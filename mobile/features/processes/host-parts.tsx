import { useRouter } from 'expo-router';
import { View } from 'react-native';
import type { Tone } from '../../../contract/design/tokens.ts';
import { spacing } from '../../../contract/design/tokens.ts';
import type { PartView } from '../../host/process-views.ts';
import type { HostView, TunnelView } from '../../host/views.ts';
import { bytes, elapsed } from '../../texts/amounts.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Words } from '../../ui/words.tsx';

interface Row {
  readonly key: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly badge: { readonly icon: IconName; readonly word: string; readonly tone: Tone };
  /** The tunnel is closed on the tab of the host. */
  readonly leads: boolean;
}

const running = { icon: 'play', word: t.processes.state.running, tone: 'ok' } as const;
const listens = { icon: 'check', word: t.parts.listens, tone: 'ok' } as const;
const silent = { icon: 'stop', word: t.parts.silent, tone: 'neutral' } as const;
const tones: Readonly<Record<TunnelView['state'], Tone>> = {
  ...{ off: 'neutral', opening: 'info', open: 'warning', failed: 'danger' },
};

function used(part: PartView | undefined, now: number): string[] {
  if (!part) return [];
  return [
    ...(part.startedAt === null ? [] : [t.processes.up(elapsed(now - part.startedAt))]),
    ...(part.memory === null ? [] : [t.processes.memory(bytes(part.memory))]),
  ];
}

function partRow(part: PartView, now: number): Row {
  const title = part.kind === 'agent' ? t.parts.agent(visible(part.name)) : t.parts.kinds[part.kind];
  return { key: part.id, title, lines: used(part, now), badge: running, leads: false };
}

/** What the host runs beside the managed processes; what is off has no row. */
function rowsOf({ doors, tunnel }: HostView, parts: readonly PartView[], now: number): Row[] {
  const of = (kind: PartView['kind']): PartView[] => parts.filter((part) => part.kind === kind);
  const [cloudflared] = of('tunnel');
  const door = (key: 'bridge' | 'remote', lines: readonly string[], isUp: boolean): Row => ({
    ...{ key, title: t.parts.kinds[key], lines: [t.parts.inside, ...lines] },
    ...{ badge: isUp ? listens : silent, leads: false },
  });
  return [
    ...of('host').map((part) => partRow(part, now)),
    ...(doors.bridge ? [door('bridge', [], true)] : []),
    ...(doors.remote
      ? [door('remote', [t.parts.connections(doors.remote.connections)], doors.remote.listens)]
      : []),
    ...(tunnel.state === 'off' && !cloudflared
      ? []
      : [
          {
            ...{ key: 'tunnel', title: t.host.tunnel, lines: used(cloudflared, now), leads: true },
            badge: { icon: 'link', word: t.host.tunnelState[tunnel.state], tone: tones[tunnel.state] },
          } as const,
        ]),
    ...of('agent').map((part) => partRow(part, now)),
    ...of('shim').map((part) => partRow(part, now)),
  ];
}

/** What the host itself runs, to look at. `known`: up to when its state is known. */
export function HostParts(props: { host: HostView; parts: readonly PartView[]; known: number }) {
  const router = useRouter();
  const rows = rowsOf(props.host, props.parts, props.known);
  if (rows.length === 0) return null;
  return (
    <View style={{ gap: spacing.sm, paddingTop: spacing.lg }}>
      <Words size="heading">{t.parts.title}</Words>
      {rows.map(({ badge, key, leads, lines, title }) => (
        <ListRow
          key={key}
          title={title}
          {...(lines.length > 0 && { subtitle: lines.join(' · ') })}
          badges={<StatusBadge {...badge} />}
          {...(leads && {
            hint: t.parts.openHost,
            onPress: () => {
              router.push('/host');
            },
          })}
        />
      ))}
    </View>
  );
}
