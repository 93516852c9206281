import { fireEvent, screen } from 'expo-router/testing-library';
import type { SessionView } from '../../host/task-views.ts';
import type { HostView } from '../../host/views.ts';
import { host, session, start } from '../sample-views.ts';
import { show } from '../show-screen.tsx';
import { SessionScreen } from './session-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const open: SessionView = {
  ...session,
  state: 'open',
  modes: {
    current: 'ask',
    available: [
      { id: 'ask', name: 'Ask first', description: 'Asks before it changes anything' },
      { id: 'plan', name: 'Pl\u202ean', description: '' },
    ],
  },
  options: [
    {
      ...{ id: 'model', name: 'Model', description: '', category: 'model', type: 'select', value: 'big' },
      choices: [
        { id: 'big', name: 'Big', description: '', group: 'Fast' },
        { id: 'small', name: '', description: '', group: null },
      ],
    },
    {
      ...{ id: 'think', name: 'Thinking', description: 'Thinks longer', category: null },
      type: 'boolean',
      value: false,
    },
  ],
};
const of = { hostId: 'h1', sessionId: 'c1' };
async function shown(changes: Partial<HostView> = {}, one = open) {
  const page = (): React.JSX.Element => <SessionScreen id="c1" hostId="h1" />;
  const made = await show(page, [{ ...host, sessions: [one], ...changes }]);
  const fold = screen.queryByRole('button', { name: 'Show Settings of the agent' });
  if (fold) {
    expect(screen.getByText('Mode: Ask first · Model: Fast · Big · Thinking: off')).toBeTruthy();
    fireEvent.press(fold);
  }
  return made;
}

test('a mode is chosen from those of the agent, and is not shown as set before the host says so', async () => {
  const { actions, answer } = await shown();
  fireEvent.press(screen.getByRole('button', { name: 'Mode: Ask first' }));
  expect(screen.getByRole('radio', { name: 'Ask first' })).toBeChecked();
  expect(screen.getByText('Asks before it changes anything')).toBeTruthy();
  fireEvent.press(screen.getByRole('radio', { name: 'Pl⟦U+202E⟧an' }));
  expect(actions).toEqual([{ kind: 'set-session-mode', ...of, modeId: 'plan' }]);
  expect(screen.getByText('Sending…')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Mode: Ask first' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'End session' })).toBeDisabled();
  expect(screen.getByRole('checkbox', { name: 'Thinking' })).toBeDisabled();
  answer({ kind: 'done' });
  expect(screen.getByText('The mode was set.')).toBeTruthy();
  expect(screen.getByRole('checkbox', { name: 'Thinking' })).toBeEnabled();
});

test('the mode that is set already is not set again', async () => {
  const { actions } = await shown();
  fireEvent.press(screen.getByRole('button', { name: 'Mode: Ask first' }));
  fireEvent.press(screen.getByRole('radio', { name: 'Ask first' }));
  expect(actions).toEqual([]);
});

test('options are set by their ids, and a refusal says why', async () => {
  const { actions, answer } = await shown();
  fireEvent.press(screen.getByRole('button', { name: 'Model: Fast · Big' }));
  fireEvent.press(screen.getByRole('radio', { name: 'small' }));
  answer({ kind: 'refused', why: 'the agent does not offer this' });
  expect(screen.getByText('Refused: the agent does not offer this')).toBeTruthy();
  fireEvent.press(screen.getByRole('checkbox', { name: 'Thinking' }));
  expect(actions).toEqual([
    { kind: 'set-session-option', ...of, optionId: 'model', value: 'small' },
    { kind: 'set-session-option', ...of, optionId: 'think', value: true },
  ]);
  answer({ kind: 'unknown' });
  expect(screen.getByText(/^Unknown: nobody can say/)).toBeTruthy();
});

test('who may not manage sees how the agent is set, and cannot change it', async () => {
  await shown({ scopes: ['view', 'submit'] });
  for (const line of ['Mode: Ask first', 'Model: Fast · Big', 'Thinking: off'])
    expect(screen.getByText(line)).toBeTruthy();
  expect(screen.queryByRole('checkbox')).toBeNull();
  expect(screen.queryByRole('button', { name: /^Mode/ })).toBeNull();
});

test('an absent host takes no setting and says when it will', async () => {
  const { actions } = await shown({ link: { kind: 'offline', asOf: start } });
  expect(screen.getByText('They can be changed when the host is connected.')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Mode: Ask first' }));
  expect(screen.getByRole('radio', { name: /^Pl/ })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Stop the turn' })).toBeDisabled();
  expect(actions).toEqual([]);
});

test('the turn of an open session can be stopped; an ended one has nothing to set', async () => {
  const { actions, answer } = await shown();
  fireEvent.press(screen.getByRole('button', { name: 'Stop the turn' }));
  expect(actions).toEqual([{ kind: 'cancel-turn', ...of }]);
  answer({ kind: 'done' });
  expect(screen.getByText('The agent was told to stop.')).toBeTruthy();
  await shown({}, { ...open, state: 'ended' });
  expect(screen.queryByText('Settings of the agent')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Stop the turn' })).toBeNull();
});
