import type { Delivery as TaskDelivery } from '../../../contract/tasks.ts';
import type { Delivery } from '../../host/views.ts';

/** The way of a task from this phone to its end, in order. */
export const STEPS = ['phone', 'sent', 'queued', 'delivered', 'accepted', 'running', 'done'] as const;
export type Step = (typeof STEPS)[number];

/** How far something has come: the last step that is known to be reached, or how its way ended otherwise. */
export type Reached =
  | { readonly kind: 'step'; readonly step: Step }
  /** It ended before it reached the agent. */
  | { readonly kind: 'never' }
  /** Nobody can say; it is not sent again. `at`: with the host or with the agent. */
  | { readonly kind: 'unknown'; readonly at: 'host' | 'agent' };

/** Where a task is that the host has. */
export function reachedByHost(delivery: TaskDelivery): Reached {
  if (delivery === 'never') return { kind: 'never' };
  if (delivery === 'unknown') return { kind: 'unknown', at: 'agent' };
  return { kind: 'step', step: delivery };
}

/** Where a task is that this phone has sent; `undefined` while there is nothing to tell. */
export function reachedBySending(delivery: Delivery): Reached | undefined {
  switch (delivery.kind) {
    case 'sending':
    case 'queued':
      return { kind: 'step', step: 'phone' };
    case 'sent':
      return { kind: 'step', step: 'sent' };
    case 'done':
      return { kind: 'step', step: 'queued' };
    case 'unknown':
      return { kind: 'unknown', at: 'host' };
    case 'refused':
    case 'partly':
      return undefined;
  }
}
