import { applyEvent, emptyHostState } from '../../contract/apply-event.ts';
import { HostEvent, HostState } from '../../contract/host-state.ts';
import { sampleApprovals } from './sample-approvals.ts';
import { doorEvents } from './sample-doors.ts';
import { workEvents } from './sample-work.ts';

/** A host in the middle of a working day, made by its real reducer from events that its real schema accepts. */
export function sampleState(now: number): HostState {
  return HostState.parse(
    sampleEvents(now)
      .map((event) => HostEvent.parse(event))
      .reduce(applyEvent, emptyHostState),
  );
}

const iso = (ms: number) => new Date(ms).toISOString();
function sampleEvents(now: number): unknown[] {
  return [
    {
      type: 'host.changed',
      host: {
        id: 'h',
        name: 'studio',
        version: '0.1.0',
        platform: 'linux x64',
        kind: 'tray',
        pid: 4711,
        startedAt: iso(now - 7_200_000),
        mode: 'running',
      },
    },
    {
      type: 'listeners.changed',
      listeners: {
        dashboard: null,
        mcp: 'http://127.0.0.1:4711/mcp',
        acp: 'http://127.0.0.1:4712',
        companion: null,
        proxy: 'http://127.0.0.1:4713',
      },
    },
    {
      type: 'workspace.changed',
      workspace: {
        id: 'ws_1',
        name: 'orchard',
        path: '/home/mira/orchard',
        trusted: false,
        addedAt: iso(now),
      },
    },
    ...workEvents(now),
    ...sampleApprovals(now).map((approval) => ({ type: 'approval.changed', approval })),
    ...doorEvents(now),
  ];
}
