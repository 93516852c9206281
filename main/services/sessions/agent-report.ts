import type { Cost, SessionConfigOption, SessionModeState } from '@agentclientprotocol/sdk';
import type { Session, SessionModes, SessionOption, SessionUsage } from '../../../contract/sessions.ts';
import type { AgentReport } from '../../acp/agent-report.ts';

const MAX_NAME = 256;
const MAX_DESCRIPTION = 1024;
const MAX_MODES = 64;
const MAX_OPTIONS = 64;
const MAX_CHOICES = 256;

type Reported = Pick<Session, 'modes' | 'options' | 'usage' | 'title'>;
type Clean = (text: string) => string;

/** The session after a report. Texts are redacted and cut; an id that is too long to be handed back is left out. */
export function withReport<S extends Reported>(session: S, report: AgentReport, clean: Clean): S {
  return {
    ...session,
    modes: modesAfter(session.modes, report, clean),
    options: report.configOptions ? optionsOf(report.configOptions, clean) : session.options,
    usage: usageAfter(session.usage, report),
    title:
      typeof report.title === 'string' && report.title.trim() !== ''
        ? clean(report.title).slice(0, MAX_NAME)
        : session.title,
  };
}

function modesAfter(before: SessionModes | null, report: AgentReport, clean: Clean): SessionModes | null {
  const modes = report.modes ? modesOf(report.modes, clean) : before;
  const { currentModeId } = report;
  return modes !== null && currentModeId !== undefined && isId(currentModeId)
    ? { ...modes, current: currentModeId }
    : modes;
}

function modesOf({ currentModeId, availableModes }: SessionModeState, clean: Clean): SessionModes | null {
  if (!isId(currentModeId)) return null;
  const available = availableModes.filter(({ id }) => isId(id)).slice(0, MAX_MODES);
  return {
    current: currentModeId,
    available: available.map((mode) => ({ id: mode.id, ...words(mode, clean) })),
  };
}

function optionsOf(options: readonly SessionConfigOption[], clean: Clean): SessionOption[] {
  return options
    .filter(({ id }) => isId(id))
    .slice(0, MAX_OPTIONS)
    .flatMap((option): SessionOption[] => {
      const shared = {
        id: option.id,
        ...words(option, clean),
        category: typeof option.category === 'string' ? clean(option.category).slice(0, MAX_NAME) : null,
      };
      if (option.type === 'boolean') return [{ ...shared, type: 'boolean', value: option.currentValue }];
      if (!isId(option.currentValue)) return [];
      return [
        {
          ...shared,
          type: 'select',
          value: option.currentValue,
          choices: choicesOf(option.options, clean),
        },
      ];
    });
}

type Choices = Extract<SessionConfigOption, { type: 'select' }>['options'];

function choicesOf(options: Choices, clean: Clean): Extract<SessionOption, { type: 'select' }>['choices'] {
  const flat: {
    choice: { value: string; name: string; description?: string | null };
    group: string | null;
  }[] = [];
  for (const one of options) {
    if (!('options' in one)) flat.push({ choice: one, group: null });
    else for (const choice of one.options) flat.push({ choice, group: clean(one.name).slice(0, MAX_NAME) });
  }
  return flat
    .filter(({ choice }) => isId(choice.value))
    .slice(0, MAX_CHOICES)
    .map(({ choice, group }) => ({ id: choice.value, ...words(choice, clean), group }));
}

function usageAfter(before: SessionUsage | null, { tokens, context }: AgentReport): SessionUsage | null {
  if (!tokens && !context) return before;
  const known = before ?? NOTHING_KNOWN;
  return {
    inputTokens: count(tokens?.inputTokens) ?? known.inputTokens,
    outputTokens: count(tokens?.outputTokens) ?? known.outputTokens,
    cachedTokens: count(tokens?.cachedReadTokens) ?? known.cachedTokens,
    totalTokens: count(tokens?.totalTokens) ?? known.totalTokens,
    contextUsed: count(context?.used) ?? known.contextUsed,
    contextSize: count(context?.size) ?? known.contextSize,
    cost: costOf(context?.cost) ?? known.cost,
  };
}

const NOTHING_KNOWN: SessionUsage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  totalTokens: null,
  contextUsed: null,
  contextSize: null,
  cost: null,
};

const count = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

function costOf(cost: Cost | null | undefined): SessionUsage['cost'] {
  if (!cost || !Number.isFinite(cost.amount) || cost.amount < 0 || !/^[A-Z]{3}$/.test(cost.currency))
    return null;
  return { amount: cost.amount, currency: cost.currency };
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;

const words = (one: { name: string; description?: string | null }, clean: Clean) => ({
  name: clean(one.name).slice(0, MAX_NAME),
  description: clean(one.description ?? '').slice(0, MAX_DESCRIPTION),
});
