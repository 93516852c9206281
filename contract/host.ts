import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant } from './ids.ts';

/** `paused`: agents get no new work. `locked-down`: everything is off and stays off until the owner resumes. */
export const HostMode = z.enum(['running', 'paused', 'locked-down']);
export type HostMode = z.infer<typeof HostMode>;

export const HostInfo = z.strictObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  platform: z.string(),
  kind: z.enum(['tray', 'headless']),
  pid: z.int(),
  startedAt: Instant,
  mode: HostMode,
});
export type HostInfo = z.infer<typeof HostInfo>;

/** Where this host listens, all on 127.0.0.1; null while a listener is off. Never holds a secret. */
export const Listeners = z.strictObject({
  dashboard: z.url().nullable(),
  mcp: z.url().nullable(),
  acp: z.url().nullable(),
  companion: z.url().nullable(),
  proxy: z.url().nullable(),
});
export type Listeners = z.infer<typeof Listeners>;

export const AlertKind = z.enum([
  'pairing-reused',
  'audit-damaged',
  'audit-rolled-back',
  'state-repaired',
  'state-rolled-back',
  'replay-refused',
  'policy-changed',
  'shim-crashed',
  'secret-allowed',
]);
export type AlertKind = z.infer<typeof AlertKind>;
export const Alert = z.strictObject({
  id: z.string(),
  kind: AlertKind,
  severity: z.enum(['info', 'warning', 'alarm']),
  message: z.string(),
  raisedAt: Instant,
});
export type Alert = z.infer<typeof Alert>;

export const DoctorCheck = z.strictObject({
  id: z.string(),
  state: z.enum(['ok', 'warning', 'missing', 'unsafe']),
  summary: z.string(),
  /** The command or step that mends it; null when nothing needs mending. */
  fix: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

export const hostCommands = {
  'host.pause': command({
    capability: 'manage',
    risk: 'low',
    summary: 'Stop giving agents new work; what runs goes on.',
    input: Nothing,
    output: Nothing,
  }),
  'host.resume': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Give agents work again, after a pause or a lock-down.',
    input: Nothing,
    output: Nothing,
  }),
  'host.lockDown': command({
    capability: 'approve',
    risk: 'low',
    summary:
      'Everything off: agents stopped, tunnels closed, pending approvals denied, device sessions ended.',
    input: Nothing,
    output: Nothing,
  }),
  'host.doctor': command({
    capability: 'view',
    risk: 'none',
    summary: 'What is missing or unsafe on this machine, and how to mend it.',
    input: Nothing,
    output: z.strictObject({ checks: z.array(DoctorCheck) }),
  }),
  'host.dismissAlert': command({
    capability: 'own',
    risk: 'low',
    summary: 'Take one alert off the list; the audit log keeps it.',
    input: z.strictObject({ alertId: z.string().max(128) }),
    output: Nothing,
  }),
};

export const HostChanged = z.strictObject({ type: z.literal('host.changed'), host: HostInfo });
export const ListenersChanged = z.strictObject({
  type: z.literal('listeners.changed'),
  listeners: Listeners,
});
export const AlertRaised = z.strictObject({ type: z.literal('alert.raised'), alert: Alert });
export const AlertDismissed = z.strictObject({ type: z.literal('alert.dismissed'), alertId: z.string() });
