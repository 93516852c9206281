import type { SecretOrigin } from './secret-finding.ts';

/** What leaves: it decides what becomes of a secret in it, and stands in the counts. */
export const OUTBOUND_KINDS = [
  'log',
  'output',
  'diff',
  'file',
  'timeline',
  'notification',
  'error',
  'crash',
  'audit',
  'state',
] as const;
export type OutboundKind = (typeof OUTBOUND_KINDS)[number];

/**
 * `redact`: the secret is replaced and the rest leaves. `ask`: so, but only after the owner has said yes. `block`: the
 * whole content stays. In this order each is stricter than the one before.
 */
export const OUTBOUND_ACTIONS = ['redact', 'ask', 'block'] as const;
export type OutboundAction = (typeof OUTBOUND_ACTIONS)[number];

/** What the owner wants stricter than the table. */
export type TighterActions = Partial<Record<OutboundKind, OutboundAction>>;

/**
 * A file that holds a private key, or a secret of the host itself, is not handed out in parts; everything else loses the
 * secret and goes on. Nothing lets a secret through here: only the allow-list does, and never these two.
 */
const TABLE: Partial<Record<OutboundKind, Partial<Record<SecretOrigin, OutboundAction>>>> = {
  file: { own: 'block', 'private-key': 'block' },
};

/** Pure. The stricter of the table and of what the owner wants; a setting can never loosen. */
export function actionFor(kind: OutboundKind, origin: SecretOrigin, tighter: TighterActions): OutboundAction {
  return stricter(TABLE[kind]?.[origin] ?? 'redact', tighter[kind] ?? 'redact');
}

/** The settings of `config.yaml` that concern content. Pure. */
export const tighterActions = ({
  file,
  diff,
  output,
}: Required<Pick<TighterActions, 'file' | 'diff' | 'output'>>): TighterActions => ({ file, diff, output });

export const stricter = (a: OutboundAction, b: OutboundAction): OutboundAction =>
  OUTBOUND_ACTIONS.indexOf(a) >= OUTBOUND_ACTIONS.indexOf(b) ? a : b;
