import { act, fireEvent, screen } from 'expo-router/testing-library';
import type { RuleProposal } from '../../../contract/policy.ts';
import type { ApprovalView, ContentAnswer } from '../../host/views.ts';
import { InboxScreen } from '../inbox/inbox-screen.tsx';
import { approval, host, start } from '../sample-views.ts';
import { show } from '../show-screen.tsx';
import { ApprovalScreen } from './approval-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const page = (): React.JSX.Element => <ApprovalScreen id="a1" hostId="h1" />;
const hostWith = (change: Partial<ApprovalView>) => [{ ...host, approvals: [{ ...approval, ...change }] }];
const button = (name: string) => screen.getByRole('button', { name });

const longDiff: ContentAnswer = {
  kind: 'ready',
  content: {
    diffs: [
      {
        path: 'a.txt',
        check: 'verified',
        diff: Array.from({ length: 60 }, (_, n) => `+l${String(n)}`).join('\n'),
      },
    ],
    notShown: [],
    agentSays: '',
  },
};

test('a long text must be opened before it can be approved', async () => {
  const { actions } = await show(page, [host], { content: longDiff });
  expect(screen.getByText('Open the folded part first, then you can approve.')).toBeTruthy();
  expect(button('Approve')).toBeDisabled();
  expect(button('Deny')).toBeEnabled();
  expect(screen.queryByText('+l59')).toBeNull();
  fireEvent.press(button('Show all 60 lines'));
  expect(screen.getByText('+l59')).toBeTruthy();
  fireEvent.press(button('Approve'));
  expect(actions).toHaveLength(1);
});

test('what is too long for a phone is for the desktop, and can still be denied', async () => {
  const diff = Array.from({ length: 2001 }, () => '+x').join('\n');
  await show(page, [host], {
    content: {
      kind: 'ready',
      content: { diffs: [{ path: 'a', check: 'verified', diff }], notShown: [], agentSays: '' },
    },
  });
  expect(screen.getByText(/Answer at the desktop/)).toBeTruthy();
  expect(button('Approve')).toBeDisabled();
  expect(button('Deny')).toBeEnabled();
});

test('an answer can be remembered as long as the host offers, and each choice says what it means', async () => {
  const { actions } = await show(page, hostWith({ scopes: ['once', 'session'] }));
  expect(screen.queryByRole('radio', { name: 'Always' })).toBeNull();
  expect(screen.getByText('This one action only. The next one is asked again.')).toBeTruthy();
  fireEvent.press(screen.getByRole('radio', { name: 'This session' }));
  expect(screen.getByText(/until this session of the agent ends/)).toBeTruthy();
  fireEvent.press(button('Approve'));
  expect(actions).toMatchObject([{ kind: 'decide', decision: 'allow', scope: 'session' }]);
});

test('a no is never remembered', async () => {
  const { actions } = await show(page, hostWith({ scopes: ['once', 'always'] }));
  fireEvent.press(screen.getByRole('radio', { name: 'Always' }));
  fireEvent.press(button('Deny'));
  expect(actions).toMatchObject([{ decision: 'deny', scope: 'once' }]);
});

test('what a yes needs, whom it reaches and what deceives the eye is said', async () => {
  await show(
    page,
    hostWith({
      need: { approvers: 2, stepUp: 'each', distinctFromRequester: true },
      votes: { yes: 1, yours: false },
      askers: 3,
      net: ['registry.example:443'],
      warnings: [
        { kind: 'lookalike', where: 'host', text: 'gıthub.com', like: 'github.com', letters: 'U+0131' },
      ],
    }),
  );
  for (const text of [
    '2 people must say yes; 1 so far.',
    'Not from the one who asked.',
    'You prove with this device that it is you.',
    '3 ask for this and wait for the one answer.',
    'registry.example:443',
    'Letters that look like others in the host name: “gıthub.com” is not “github.com” (U+0131)',
  ]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
});

test.each(['recent', 'each'] as const)(
  'where a proof is a must (%s), "Approve" has to be held',
  async (stepUp) => {
    const { actions } = await show(page, hostWith({ need: { ...approval.need, stepUp } }));
    fireEvent.press(button('Approve'));
    expect(actions).toEqual([]);
    fireEvent(button('Approve'), 'longPress');
    expect(actions).toHaveLength(1);
  },
);

test('a proof that this device cannot give, or a yes it has given, leaves only the no', async () => {
  await show(page, hostWith({ need: { ...approval.need, stepUp: 'each', kinds: ['webauthn'] } }));
  expect(screen.getByText(/a proof that this device cannot give/)).toBeTruthy();
  expect(button('Approve')).toBeDisabled();
  await show(page, hostWith({ votes: { yes: 1, yours: true } }));
  expect(screen.getByText('This device has said yes. Somebody else must as well.')).toBeTruthy();
});

test('how an answer was proven is said', async () => {
  await show(page, hostWith({ outcome: { state: 'done', by: 'owner', provenBy: 'webauthn' } }));
  expect(screen.getByText('With a passkey.')).toBeTruthy();
});

const proposal: RuleProposal = {
  width: 'prefix',
  rule: {
    id: 'mine.npm-test',
    effect: 'allow',
    when: { kind: ['exec'], argv: ['npm', ['test', 't']] },
    expiresAt: '2027-01-01T00:00:00.000Z',
  },
  dryRun: { examined: 200, matched: 12, wouldAllow: 11, wouldDeny: 0, againstDenials: 1, examples: [] },
};

test('a rule is made of a question only after what it would have done is said, and by holding', async () => {
  const proposals = { kind: 'ready', proposals: [proposal] } as const;
  const { actions, answer } = await show(page, [host], { proposals });
  fireEvent.press(button('Make this a rule…'));
  await act(async () => Promise.resolve());
  expect(screen.getByText('Allow · Commands that begin so')).toBeTruthy();
  expect(screen.getByText('argv: npm test|t')).toBeTruthy();
  expect(screen.getByText('expiresAt: 2027-01-01T00:00:00.000Z')).toBeTruthy();
  expect(
    screen.getByText('Of the last 200 questions it speaks of 12 and would have allowed 11 without asking.'),
  ).toBeTruthy();
  expect(screen.getByText('You or somebody else had said no to 1 of them.')).toBeTruthy();
  fireEvent.press(button('Hold to add this rule'));
  expect(actions).toEqual([]);
  fireEvent(button('Hold to add this rule'), 'longPress');
  expect(actions).toEqual([{ kind: 'add-rule', hostId: 'h1', rule: proposal.rule }]);
  answer({ kind: 'done' });
  expect(screen.getByText('The rule is in force.')).toBeTruthy();
});

test('only a device that may manage is offered rules', async () => {
  await show(page, [{ ...host, scopes: ['view', 'submit', 'approve'] }]);
  expect(screen.queryByRole('button', { name: 'Make this a rule…' })).toBeNull();
});

test('a host that proposes nothing, or cannot, says so', async () => {
  await show(page, [host], { proposals: { kind: 'failed', why: 'not now' } });
  fireEvent.press(button('Make this a rule…'));
  await act(async () => Promise.resolve());
  expect(screen.getByText('The host could not propose a rule: not now')).toBeTruthy();
});

describe('several at once', () => {
  const several = [
    {
      ...host,
      approvals: [
        approval,
        { ...approval, id: 'a2', title: 'Run npm run lint', argv: ['npm', 'run', 'lint'], actionHash: 'bb' },
        { ...approval, id: 'a3', title: 'Run rm', risk: 'high' as const },
      ],
    },
  ];

  test('similar questions are ticked, looked at together and get one answer', async () => {
    const { actions, answer } = await show(InboxScreen, several);
    fireEvent.press(button('Select several'));
    expect(screen.queryByRole('checkbox', { name: 'Run rm' })).toBeNull();
    fireEvent.press(screen.getByRole('checkbox', { name: 'Run npm test' }));
    expect(screen.getByRole('checkbox', { name: 'Run npm test' })).toBeChecked();
    fireEvent.press(button('Select all 2'));
    fireEvent.press(button('Look at 2 together'));
    await act(async () => Promise.resolve());
    expect(screen.getByText('lint')).toBeTruthy();
    fireEvent.press(button('Approve all 2'));
    expect(actions).toEqual([
      {
        ...{ kind: 'decide-many', hostId: 'h1', decision: 'allow' },
        chosen: [
          { approvalId: 'a1', actionHash: approval.actionHash },
          { approvalId: 'a2', actionHash: 'bb' },
        ],
      },
    ]);
    answer({ kind: 'partly', taken: 1, of: 2, why: 'expired' });
    expect(
      screen.getByText('1 of 2 answers were taken. The first of the others was not: expired'),
    ).toBeTruthy();
  });

  test('of which one was not opened cannot be approved, but denied', async () => {
    await show(InboxScreen, several, { content: longDiff });
    fireEvent.press(button('Select several'));
    fireEvent.press(button('Select all 2'));
    fireEvent.press(button('Look at 2 together'));
    await act(async () => Promise.resolve());
    expect(button('Approve all 2')).toBeDisabled();
    expect(button('Deny all 2')).toBeEnabled();
    for (const folded of screen.getAllByRole('button', { name: 'Show all 60 lines' }))
      fireEvent.press(folded);
    expect(button('Approve all 2')).toBeEnabled();
  });

  test('are not offered where nothing is alike', async () => {
    await show(InboxScreen, [host]);
    expect(screen.queryByRole('button', { name: 'Select several' })).toBeNull();
  });
});
