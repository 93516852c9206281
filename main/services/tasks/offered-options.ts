import type { PermissionOption } from '@agentclientprotocol/sdk';
import { shown } from '../../acp/agent-paths.ts';

const MAX_SHOWN = 8;

/** What choosing it means here. Standing leave is this host's to remember: the agent goes on asking, and each is on record. */
const MEANING: Record<PermissionOption['kind'], string> = {
  allow_once: 'once',
  allow_always: 'the agent would not ask again; never chosen for you, this host remembers for itself',
  reject_once: 'no, this time',
  reject_always: 'no, and the agent would not ask again',
};

/** The options of an agent in its own words, each with what it does, for whoever decides. Pure. */
export function describeOptions(options: readonly PermissionOption[]): string {
  if (!options.some(({ kind }) => kind === 'allow_always' || kind === 'reject_always')) return '';
  const lines = options
    .slice(0, MAX_SHOWN)
    .map(
      ({ name, kind }) =>
        `- ${shown(name, 120)} (${Object.hasOwn(MEANING, kind) ? MEANING[kind] : 'of a kind that is not known; never chosen'})`,
    );
  return ['The agent offers:', ...lines].join('\n');
}
