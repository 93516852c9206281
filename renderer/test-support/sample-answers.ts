import { commands } from '../../contract/commands.ts';
import { HostError } from '../../contract/errors.ts';
import type { Rule } from '../../contract/policy.ts';
import { sampleState } from './sample-state.ts';
import { sampleTimeline } from './sample-timeline.ts';
import { sampleFigures } from './sample-work.ts';
import { answerSessions, sampleSession } from './session-answers.ts';

const LOG_LINES = 50_000;
function logPage({ name, from, count }: ReturnType<typeof linesInput>, now: number) {
  const first = from < 0 ? LOG_LINES + from : from;
  const lines = Array.from({ length: Math.min(count, LOG_LINES - first) }, (_, i) => ({
    ...{
      number: first + i,
      name,
      stream: i % 9 === 8 ? 'stderr' : 'stdout',
      at: new Date(now).toISOString(),
    },
    text: `\u001B[32m${first + i}\u001B[0m GET /api/items/${first + i} 200`,
  }));
  return { epoch: 'e', first: 0, end: LOG_LINES, runStart: 0, lines };
}
const linesInput = (input: unknown) => commands['supervisor.readLines'].input.parse(input);

const ownRule = (now: number): Rule => ({
  id: 'own.allow-tests',
  effect: 'allow',
  when: { kind: ['exec'], argv: ['npm', 'test'], net: ['*.example.com'] },
  expiresAt: new Date(now + 86_400_000).toISOString(),
  tests: { match: [{ kind: 'exec', origin: 'acp', argv: ['npm', 'test'] }], notMatch: [] },
});

/** What the screens ask for, as the host of `sampleState` answers it; sessions too. Undefined for what it refuses. */
export function sampleAnswer(name: string, input: unknown, now: number): unknown {
  const state = sampleState(now);
  const records = Array.from({ length: 12 }, (_, i) => ({
    v: 1,
    seq: 411 - i,
    at: new Date(now - i * 60_000).toISOString(),
    boot: 'b',
    actor: i % 3 ? 'owner' : 'device:dev_1',
    type: 'approval.decided',
    object: `ap_${i}`,
    facts: { decision: 'allow', risk: 2 },
    prev: 'a'.repeat(64),
  }));
  const answers: Record<string, () => unknown> = {
    'approvals.detail': () => ({
      approval: state.approvals['ap_2'],
      detail: {
        approvalId: 'ap_2',
        agentSays: 'Trust me, this is safe.',
        diffs: [
          {
            path: 'src/price.ts',
            oldText: 'a\nconst price = 1;\nz\n',
            newText: 'a\nconst price = 100;\nconst more = 2;\nz\n',
            redacted: false,
            truncated: false,
          },
        ],
      },
    }),
    'approvals.decide': () => state.approvals['ap_4'],
    'supervisor.readLines': () => logPage(linesInput(input), now),
    'approvals.decideMany': () => ({
      results: ['ap_4', 'ap_4', 'ap_4'].map((id) => ({ ok: true, approval: state.approvals[id] })),
    }),
    'approvals.showPolicy': () => ({
      rules: [
        { id: 'default.env', effect: 'deny', note: 'secrets', when: { pathAny: ['**/.env'] } },
        {
          ...{ id: 'default.publish', effect: 'ask', risk: 4, locked: true },
          need: { approvers: 2, stepUp: 'each', distinctFromRequester: true },
          when: { kind: ['exec'], argv: ['npm', 'publish'] },
        },
        ownRule(now),
      ],
      policySha256: 'b'.repeat(64),
    }),
    'approvals.removeRule': () => {
      if (!commands['approvals.removeRule'].input.parse(input).presence)
        throw new HostError('refused', 'this needs proof', { stepUp: 'each' });
      return { policySha256: 'd'.repeat(64) };
    },
    'approvals.proposeRules': () => ({
      proposals: (['exact', 'prefix'] as const).map((width, i) => ({
        width,
        rule: { ...ownRule(now), id: `own.allow-${width}` },
        dryRun: {
          ...{ examined: 20, matched: 14, wouldAllow: 3 + 11 * i, wouldDeny: 0, againstDenials: 2 * i },
          examples: Array.from({ length: 7 }, (_, n) => ({
            ...{ approvalId: `ap_${n}`, title: `Run npm test ${n}`, effect: 'allow' },
          })),
        },
      })),
    }),
    'approvals.addRule': () => {
      const { rule, presence } = commands['approvals.addRule'].input.parse(input);
      if (rule.id === 'own.allow-exact') throw new HostError('conflict', 'there is such a rule already');
      if (!presence) throw new HostError('refused', 'this needs proof', { stepUp: 'each' });
      return { rule, policySha256: 'd'.repeat(64) };
    },
    'presence.beginStepUp': () => ({
      ...{
        challengeId: 'challenge_00000000001',
        challenge: 'A'.repeat(43),
        kinds: ['os-prompt'],
        webauthn: null,
      },
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    }),
    'audit.prune': () => ({ removed: 120, oldestSeq: 120 }),
    'audit.tail': () => ({ records, total: 412 }),
    'audit.verify': () => ({ verdict: 'ok', records: 412, omitted: 0, checkpoints: 1, key: 'k' }),
    'audit.checkpoint': () => ({
      note: 'signalbox.local/ab\n412\nroot=\n\n— signalbox.local/ab sig=\n',
      publicKey: 'the-key=',
      consistency: [],
    }),
    'audit.export': () => ({ file: '/tmp/part.txt', records: 7, sha256: 'c'.repeat(64) }),
    'host.doctor': () => ({
      checks: [
        { id: 'git', state: 'ok', summary: 'git 2.43 is here', fix: null },
        {
          id: 'sandbox',
          state: 'missing',
          summary: 'bubblewrap is not installed',
          fix: 'sudo apt install bubblewrap',
        },
      ],
    }),
    'secrets.list': () => ({
      hits: [
        {
          ...{ tag: '0a1b2c3d', kind: 'github-pat', count: 3, where: 'output' },
          ...{ firstAt: new Date(now).toISOString(), lastAt: new Date(now).toISOString() },
        },
      ],
      allowed: [],
    }),
    'identity.createInvitation': () => ({
      id: 'inv',
      text: 'SIGNALBOX:TEST-INVITATION',
      link: 'https://example.com/pair#TEST',
      expiresAt: new Date(Date.now() + 120_000).toISOString(),
    }),
    'identity.cancelInvitation': () => ({}),
    'supervisor.figures': () => sampleFigures(now),
  };
  return (
    answers[name]?.() ??
    answerSessions(name, input, new Map([['s_1', sampleSession('s_1', now)]]), () => sampleTimeline(now))
  );
}
