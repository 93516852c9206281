import { fireEvent, screen } from 'expo-router/testing-library';
import { agent, host, session, start } from '../sample-views.ts';
import { show, shownPath } from '../show-screen.tsx';
import { AgentScreen } from './agent-screen.tsx';
import { AgentsScreen } from './agents-screen.tsx';
import { SessionScreen } from './session-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const own = { ...session, id: 'own-1', origin: 'agent' as const, taskId: null, title: 'Begun elsewhere' };
const agentPage = (): React.JSX.Element => <AgentScreen name="codex" hostId="h1" />;

test('the agents tab without tasks offers one, unless this device may only look', async () => {
  await show(AgentsScreen, [{ ...host, tasks: [] }]);
  expect(screen.getByRole('button', { name: 'Start a task' })).toBeTruthy();
  await show(AgentsScreen, [{ ...host, tasks: [], scopes: ['view'] }]);
  expect(screen.getByText('No tasks yet')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Start a task' })).toBeNull();
});

test('the agents of all hosts are listed with their version and login, the missing ones last', async () => {
  const missing = { ...agent, id: 'aider', name: 'Aider', state: 'missing' as const, version: null };
  await show(AgentsScreen, [{ ...host, agents: [missing, { ...agent, login: 'no' }] }]);
  fireEvent.press(screen.getByRole('radio', { name: 'Agents' }));
  expect(screen.getByText('version 1.2.3 · not logged in · on studio-mac')).toBeTruthy();
  expect(screen.getAllByText(/^(Codex|Aider)$/).map(({ props }) => String(props['children']))).toEqual([
    ...['Codex', 'Aider'],
  ]);
  expect(screen.getByText('Missing')).toBeTruthy();
  fireEvent.press(screen.getByText('Codex'));
  expect(shownPath()).toBe('/agent/codex');
});

test('an agent shows its sessions and whose they are', async () => {
  await show(agentPage, [host], { sessions: [session, own] });
  expect(screen.getByText('Begun here')).toBeTruthy();
  expect(screen.getByText('The agent’s own')).toBeTruthy();
  fireEvent.press(screen.getByText('Begun elsewhere'));
  expect(shownPath()).toBe('/session/own-1');
});

test('an agent without sessions says what will appear, and an absent host why nothing does', async () => {
  await show(agentPage, [host]);
  expect(screen.getByText('No sessions yet')).toBeTruthy();
  await show(agentPage, [{ ...host, link: { kind: 'offline', asOf: start } }]);
  expect(screen.getByText(/^The sessions are on the host/)).toBeTruthy();
});

test('a session of the agent’s own store shows its timeline and is gone on with', async () => {
  await show(() => <SessionScreen id="own-1" hostId="h1" />, [host], { sessions: [own] });
  expect(screen.getByText('Begun elsewhere')).toBeTruthy();
  expect(screen.getByText('npm test')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Continue' }));
  expect(shownPath()).toBe('/continue/own-1');
});

test('an open session can be ended, by who may submit', async () => {
  const open = { ...session, state: 'open' as const };
  const page = (): React.JSX.Element => <SessionScreen id="c1" hostId="h1" />;
  const { actions } = await show(page, [{ ...host, sessions: [open] }]);
  fireEvent.press(screen.getByRole('button', { name: 'End session' }));
  expect(actions).toEqual([{ kind: 'end-session', hostId: 'h1', sessionId: 'c1' }]);
  await show(page, [{ ...host, sessions: [open], scopes: ['view'] }]);
  expect(screen.queryByRole('button', { name: 'End session' })).toBeNull();
  expect(screen.getByText(/^This device may only look/)).toBeTruthy();
});

test('a session that nobody knows says so', async () => {
  await show(() => <SessionScreen id="nowhere" hostId="h1" />, [host]);
  expect(screen.getByText('There is no such session.')).toBeTruthy();
});
