import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useHostState } from '../../host/use-host.tsx';
import { goTo, hrefOf, type Screen } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { countdown, duration, remaining } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import {
  checkMarks,
  isLive,
  isUnfinished,
  modeMark,
  processMark,
  riskMark,
  taskMark,
  tunnelMark,
} from '../../ui/marks.ts';
import { Card, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { pendingApprovals } from '../approvals/approval-list.ts';
import { ActivityChart } from './activity-chart.tsx';
import { FirstRun } from './first-run.tsx';

const spans = { hour: [3_600_000, 30], day: [86_400_000, 48] } as const;
const t = en.overview;

export default function Overview() {
  const [span, setSpan] = useState<keyof typeof spans>('hour');
  const [spanMs, buckets] = spans[span];
  return (
    <Page title={en.screens.overview} lead={t.lead}>
      <FirstRun />
      <div className="columns">
        <NeedsYou />
        <RunningNow />
      </div>
      <div className="columns">
        <Exposure />
        <Card
          title={t.activity}
          actions={
            <SegmentedControl
              aria-label={t.span}
              value={span}
              onChange={(value) => setSpan(value === 'day' ? 'day' : 'hour')}
              data={[
                { value: 'hour', label: t.hour },
                { value: 'day', label: t.day },
              ]}
            />
          }
        >
          <ActivityChart spanMs={spanMs} buckets={buckets} />
        </Card>
      </div>
    </Page>
  );
}

interface Line {
  readonly key: string;
  readonly href: string;
  readonly mark: Mark;
  readonly title: string;
  readonly side: string;
}

function Lines({ lines, label }: { lines: readonly Line[]; label: string }) {
  return (
    <ul className="lines" aria-label={label}>
      {lines.map((line) => (
        <li key={line.key}>
          <a href={line.href}>
            <StateMark mark={line.mark} />
            <span className="line-title">
              <SafeText text={line.title} />
            </span>
            <span className="muted">{line.side}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function NeedsYou() {
  const approvals = useHostState((state) => state.approvals);
  const devices = useHostState((state) => state.devices);
  const now = useNow();
  const left = (begun: string, ends: string) => t.left(countdown(remaining(begun, ends, now)));
  const lines: Line[] = [
    ...pendingApprovals(approvals).map((a) => ({
      key: a.id,
      href: hrefOf('approvals', a.id),
      mark: riskMark(a.risk),
      title: a.title,
      side: left(a.createdAt, a.expiresAt),
    })),
    ...Object.values(devices).flatMap((d) =>
      d.state === 'pending'
        ? [
            {
              key: d.id,
              href: hrefOf('devices'),
              mark: { tone: 'warning' as const, icon: 'devices' as const, word: t.deviceAsks },
              title: d.name,
              side: left(d.requestedAt, d.expiresAt),
            },
          ]
        : [],
    ),
  ];
  return (
    <Card title={t.needsYou} flush={lines.length > 0}>
      {lines.length > 0 ? (
        <Lines lines={lines} label={t.needsYou} />
      ) : (
        <Empty icon="check">{t.nothingNeeded}</Empty>
      )}
    </Card>
  );
}

function RunningNow() {
  const tasks = useHostState((state) => state.tasks);
  const processes = useHostState((state) => state.processes);
  const now = useNow();
  const age = (instant: string) => duration(now - Date.parse(instant));
  const lines: Line[] = [
    ...Object.values(tasks)
      .filter(isUnfinished)
      .map((task) => ({
        key: task.id,
        href: hrefOf('tasks', task.id),
        mark: taskMark(task.state),
        title: `${task.agent}: ${task.text}`,
        side: age(task.createdAt),
      })),
    ...Object.values(processes)
      .filter(isLive)
      .map((p) => ({
        key: p.id,
        href: hrefOf('processes', p.name),
        mark: processMark(p.state),
        title: p.name,
        side: 'startedAt' in p ? age(p.startedAt) : '',
      })),
  ];
  return (
    <Card title={t.running} flush={lines.length > 0}>
      {lines.length > 0 ? (
        <Lines lines={lines} label={t.running} />
      ) : (
        <Empty
          icon="tasks"
          action={
            <button type="button" className="plain-button" onClick={() => goTo('tasks', '_new')}>
              {en.tasks.create}
            </button>
          }
        >
          {t.nothingRuns}
        </Empty>
      )}
    </Card>
  );
}

function Exposure() {
  const host = useHostState((state) => state.host);
  const tunnel = useHostState((state) => state.tunnel);
  const modes = useHostState((state) => state.bridge.modes);
  const remote = useHostState((state) => state.remote);
  const audit = useHostState((state) => state.audit);
  const mcp = useHostState((state) => state.listeners.mcp);
  const raised = modes.write === 'workspace' || modes.bash === 'full';
  const on = (flag: boolean): Mark =>
    flag
      ? { tone: 'warning', icon: 'tunnels', word: t.served }
      : { tone: 'neutral', icon: 'lock', word: t.off };
  const rows: readonly [Screen, string, Mark, string][] = [
    [
      'settings',
      t.host,
      modeMark(host.mode),
      `${host.kind === 'tray' ? t.tray : t.headless} ${host.version}`,
    ],
    ['tunnels', en.screens.tunnels, tunnelMark(tunnel.state), 'url' in tunnel ? tunnel.url : t.onlyHere],
    [
      'bridge',
      en.screens.bridge,
      mcp === null
        ? on(false)
        : raised
          ? { tone: 'warning', icon: 'warning', word: t.raised }
          : { ...checkMarks.ok, word: t.guarded },
      t.modes(modes.write, modes.bash),
    ],
    [
      'remote',
      en.screens.remote,
      on(remote.agents.length > 0),
      t.agents(remote.agents.length, remote.connections.length),
    ],
    [
      'audit',
      en.screens.audit,
      audit.state === 'ok'
        ? { ...checkMarks.ok, word: t.recording }
        : { ...checkMarks.unsafe, word: t.readOnly },
      t.records(audit.records),
    ],
  ];
  return (
    <Card title={t.exposure} flush>
      <ul className="lines">
        {rows.map(([screen, name, mark, side]) => (
          <li key={name}>
            <a href={hrefOf(screen)}>
              <span className="line-name">{name}</span>
              <StateMark mark={mark} />
              <span className="muted line-side">
                <SafeText text={side} />
              </span>
            </a>
          </li>
        ))}
      </ul>
      <AlertCount />
    </Card>
  );
}

function AlertCount() {
  const count = useHostState((state) => state.alerts.length);
  if (count === 0) return null;
  return (
    <p className="card-note" data-tone="warning">
      <Icon name="warning" /> {t.alerts(count)}
    </p>
  );
}
