import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant } from './ids.ts';

export const TunnelDriver = z.enum(['quick', 'named', 'config']);
export type TunnelDriver = z.infer<typeof TunnelDriver>;

const open = { driver: TunnelDriver, openedAt: Instant, openedBy: z.string(), closesAt: Instant.nullable() };

/** An open tunnel always says since when, by whom and until when; a failed one always says why. */
export const TunnelStatus = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('off') }),
  z.strictObject({ ...open, state: z.literal('starting') }),
  z.strictObject({ ...open, state: z.literal('ready'), url: z.url() }),
  z.strictObject({ ...open, state: z.literal('reconnecting'), url: z.url() }),
  z.strictObject({ state: z.literal('failed'), driver: TunnelDriver, reason: z.string(), failedAt: Instant }),
]);
export type TunnelStatus = z.infer<typeof TunnelStatus>;

export const tunnelCommands = {
  'tunnels.open': command({
    capability: 'own',
    risk: 'high',
    summary: 'Make /mcp, /e2e and the phone app reachable from outside, for a limited time.',
    input: z.strictObject({
      driver: TunnelDriver.default('quick'),
      /** How long it stays open; null until it is closed. */
      forMs: z
        .int()
        .min(60_000)
        .max(604_800_000)
        .nullable()
        .default(8 * 3_600_000),
      hostname: z.string().max(253).optional(),
      tokenFile: z.string().max(4096).optional(),
      configFile: z.string().max(4096).optional(),
    }),
    output: TunnelStatus,
  }),
  'tunnels.close': command({
    capability: 'approve',
    risk: 'low',
    summary: 'Close the tunnel.',
    input: Nothing,
    output: TunnelStatus,
  }),
};

export const TunnelChanged = z.strictObject({ type: z.literal('tunnel.changed'), tunnel: TunnelStatus });
