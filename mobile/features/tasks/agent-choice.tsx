import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { AgentView } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { Choices } from '../../ui/choices.tsx';
import { Words } from '../../ui/words.tsx';

/** What must be known of an agent before it is given a task. */
export function agentNote({ state, login, version }: AgentView): string {
  if (state !== 'available') return t.agents.states[state].toLowerCase();
  const facts = version === null ? [] : [visible(version)];
  return [...facts, t.agents.login[login]].join(', ');
}

/** The agents of a host; one that cannot be started is shown, and cannot be chosen. */
export function AgentChoice(props: {
  agents: readonly AgentView[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}) {
  const { agents, chosen } = props;
  const choices = agents.map((agent) => ({
    ...{ id: agent.id, name: agent.name, note: agentNote(agent), off: agent.state !== 'available' },
  }));
  const hints = new Set(
    agents.flatMap(({ state }) => (state === 'available' ? [] : [t.agents.hints[state]])),
  );
  const login = agents.find(({ id }) => id === chosen)?.login;
  return (
    <View style={{ gap: spacing.xs }}>
      <Choices label={t.task.agent} choices={choices} chosen={chosen} onChoose={props.onChoose} />
      {login === 'no' && <Words size="caption">{t.agents.noLoginHint}</Words>}
      {[...hints].map((hint) => (
        <Words key={hint} size="caption">
          {hint}
        </Words>
      ))}
    </View>
  );
}
