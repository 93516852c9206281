import { actionHash, sha256Hex, type Action } from '../../contract/action.ts';
import { applyEvent, emptyHostState } from '../../contract/apply-event.ts';
import type { Approval } from '../../contract/approvals.ts';
import { HostEvent, HostState } from '../../contract/host-state.ts';
import type { TimelineEntry } from '../../contract/sessions.ts';

/** A host in the middle of a working day, made by its real reducer from events that its real schema accepts. */
export function sampleState(now: number): HostState {
  return HostState.parse(
    sampleEvents(now)
      .map((event) => HostEvent.parse(event))
      .reduce(applyEvent, emptyHostState),
  );
}

const iso = (ms: number) => new Date(ms).toISOString();

function action(id: string, part: Partial<Action>): Action {
  return {
    v: 1,
    id,
    kind: 'exec',
    workspaceId: 'ws_1' as Action['workspaceId'],
    requester: ['owner', 'task:task_1', 'agent:demo'],
    agent: 'demo',
    paths: [],
    exec: null,
    writes: [],
    tool: null,
    net: [],
    policySha256: sha256Hex('policy'),
    ...part,
  };
}

export function pendingApproval(
  id: string,
  now: number,
  part: Partial<Approval>,
  body: Partial<Action>,
): Approval {
  const whole = action(`act_${id}`, body);
  return {
    id: id as Approval['id'],
    state: 'pending',
    action: whole,
    actionHash: actionHash(whole),
    risk: 2,
    why: ['no rule matches, so you are asked'],
    title: 'Run a command',
    taskId: 'task_1' as Approval['taskId'],
    need: { approvers: 1, stepUp: 'none', distinctFromRequester: false },
    votes: [],
    askers: 1,
    mustOpen: false,
    scopes: ['once', 'session', 'always'],
    createdAt: iso(now - 20_000),
    expiresAt: iso(now + 280_000),
    ...part,
  } as Approval;
}

const exec = (argv: string[], sandbox: 'ws' | 'none'): NonNullable<Action['exec']> => ({
  argv,
  cwd: '/home/mira/orchard',
  sandbox,
  binarySha256: null,
  envNames: ['CI', 'NODE_ENV'],
  envSha256: null,
  cwdIdentity: null,
});

function approvals(now: number): Approval[] {
  return [
    pendingApproval(
      'ap_1',
      now,
      { title: 'Run git push origin main', risk: 3 },
      {
        exec: exec(
          [
            'git',
            'push',
            '--force-with-lease',
            'origin',
            'refs/heads/main:refs/heads/main',
            'a\u202Etxt.exe',
            '',
          ],
          'none',
        ),
        kind: 'git.write',
      },
    ),
    pendingApproval(
      'ap_2',
      now,
      { title: 'Write src/price.ts', risk: 2 },
      {
        kind: 'fs.write',
        paths: ['src/price.ts'],
        writes: [{ path: 'src/price.ts', baseSha256: sha256Hex('a'), newSha256: sha256Hex('b'), bytes: 412 }],
      },
    ),
    pendingApproval(
      'ap_3',
      now,
      { title: 'Run npm install --global left-pad', risk: 4, scopes: ['once'] },
      { exec: exec(['npm', 'install', '--global', 'left-pad'], 'none') },
    ),
    {
      ...pendingApproval(
        'ap_4',
        now,
        { title: 'Run npm test', risk: 1 },
        { exec: exec(['npm', 'test'], 'ws') },
      ),
      state: 'done',
      scope: 'session',
      decidedAt: iso(now - 900_000),
      decidedBy: 'device:dev_1',
      provenBy: null,
    },
    {
      ...pendingApproval(
        'ap_5',
        now,
        { title: 'Delete dist', risk: 3 },
        { kind: 'fs.delete', paths: ['dist'] },
      ),
      state: 'denied',
      decidedAt: iso(now - 1_800_000),
      decidedBy: 'owner',
      provenBy: null,
      reason: 'not now',
    },
  ];
}

function sampleEvents(now: number): unknown[] {
  const definition = (name: string, argv: string[], port: number | null) => ({
    name,
    argv,
    cwd: '/home/mira/orchard',
    env: {},
    inheritEnv: false,
    restart: { mode: 'on-failure', maxRestarts: 10, delayMs: 1000, healthyAfterMs: 60_000 },
    ready: null,
    readyTimeoutMs: 30_000,
    port,
    dependsOn: [],
    health: null,
    watch: null,
    stopGraceMs: 10_000,
    isolation: 'none',
  });
  const process = (name: string, argv: string[], port: number | null, rest: object) => ({
    type: 'process.changed',
    process: {
      id: `p_${name}`,
      name,
      definition: definition(name, argv, port),
      restarts: 0,
      project: null,
      isolation: 'none',
      ...rest,
    },
  });
  const task = (id: string, state: string, text: string, rest: object) => ({
    type: 'task.changed',
    task: {
      id,
      agent: 'demo',
      workspaceId: 'ws_1',
      mode: 'ask',
      text,
      submittedBy: 'device:dev_1',
      createdAt: iso(now - 1_300_000),
      revision: 1,
      state,
      ...rest,
    },
  });
  const started = { sessionId: 's_1', startedAt: iso(now - 1_200_000) };
  return [
    {
      type: 'host.changed',
      host: {
        id: 'h',
        name: 'studio',
        version: '0.1.0',
        platform: 'linux x64',
        kind: 'tray',
        pid: 4711,
        startedAt: iso(now - 7_200_000),
        mode: 'running',
      },
    },
    {
      type: 'listeners.changed',
      listeners: {
        dashboard: null,
        mcp: 'http://127.0.0.1:4711/mcp',
        acp: 'http://127.0.0.1:4712',
        companion: null,
        proxy: null,
      },
    },
    {
      type: 'workspace.changed',
      workspace: {
        id: 'ws_1',
        name: 'orchard',
        path: '/home/mira/orchard',
        trusted: false,
        addedAt: iso(now),
      },
    },
    {
      type: 'agent.changed',
      agent: {
        id: 'demo',
        name: 'demo',
        title: 'Demo agent',
        source: 'built-in',
        state: 'available',
        argv: ['signalbox-demo-agent'],
        envNames: [],
        inherits: [],
        version: '1.0.0',
        login: 'yes',
        loginNote: 'needs none',
        keyVariable: null,
        mcp: false,
      },
    },
    {
      type: 'agent.changed',
      agent: {
        id: 'other',
        name: 'other',
        title: 'Another agent',
        source: 'detected',
        state: 'missing',
        argv: ['other', '--acp'],
        envNames: ['OTHER_TOKEN', 'OTHER_URL'],
        inherits: ['OTHER_TOKEN'],
        version: null,
        login: 'unknown',
        loginNote: 'not a program that is known here',
        keyVariable: null,
        mcp: true,
      },
    },
    process('web', ['npm', 'run', 'dev'], 5173, {
      state: 'ready',
      pid: 901,
      startedAt: iso(now - 3_900_000),
      readyAt: iso(now - 3_890_000),
    }),
    process('worker', ['node', 'worker.mjs', '--queue', 'mail'], null, {
      state: 'unhealthy',
      pid: 902,
      startedAt: iso(now - 60_000),
      reason: 'no answer on port 9000',
      restarts: 3,
    }),
    process('docs', ['npx', 'serve', 'docs'], null, {
      state: 'exited',
      exitCode: 1,
      signal: null,
      endedAt: iso(now - 50_000),
    }),
    task('task_1', 'waiting', 'Round prices to whole cents and add tests', {
      ...started,
      approvals: ['ap_1', 'ap_2'],
    }),
    task('task_2', 'running', 'Find out why the worker restarts', { ...started, sessionId: 's_2' }),
    task('task_3', 'done', 'Update the changelog', {
      ...started,
      endedAt: iso(now - 600_000),
      stopReason: 'end_turn',
      changedFiles: ['CHANGELOG.md'],
      summary: 'ok',
    }),
    task('task_4', 'failed', 'Upgrade the database', {
      sessionId: null,
      endedAt: iso(now - 500_000),
      reason: 'the agent ended before it answered',
    }),
    ...approvals(now).map((approval) => ({ type: 'approval.changed', approval })),
    {
      type: 'grant.changed',
      grant: {
        id: 'g_1',
        scope: 'session',
        when: { kind: ['exec'], argv: ['npm', ['test', 'run']], workspace: ['ws_1'], riskMax: 2 },
        grantedBy: 'device:dev_1',
        createdAt: iso(now),
        expiresAt: iso(now + 3_600_000),
        usesLeft: 40,
      },
    },
    ...Array.from({ length: 24 }, (_, i) => ({
      type: 'tool.called',
      call: {
        id: `c${i}`,
        tool: ['read', 'search', 'list', 'bash'][i % 4],
        client: 'editor',
        outcome: i % 7 === 3 ? 'refused' : 'ok',
        detail: i % 7 === 3 ? 'blocked path' : 'src/price.ts',
        calledAt: iso(now - 3_200_000 + i * i * 5000),
        durationMs: 3 + i,
      },
    })),
    {
      type: 'token.changed',
      token: {
        id: 't_1',
        kind: 'mcp',
        name: 'editor',
        state: 'active',
        scope: 'write',
        workspaceId: 'ws_1',
        createdAt: iso(now),
        expiresAt: iso(now + 9e8),
        lastUsedAt: iso(now - 5000),
      },
    },
    {
      type: 'tunnel.changed',
      tunnel: {
        state: 'ready',
        driver: 'quick',
        openedAt: iso(now - 600_000),
        openedBy: 'owner',
        closesAt: iso(now + 28_000_000),
        url: 'https://calm-river-1234.example.com/',
      },
    },
    {
      type: 'remote.changed',
      remote: {
        agents: ['demo'],
        connections: [
          {
            ...{ id: 'k', agent: 'demo', client: 'editor on laptop', transport: 'websocket' },
            ...{ connectedAt: iso(now - 100_000), latencyMs: 4.2 },
            ...{ framesIn: 12, framesOut: 340, bytesIn: 9_000, bytesOut: 210_000 },
          },
        ],
      },
    },
    {
      type: 'device.changed',
      device: {
        id: 'dev_1',
        name: 'Mira’s phone',
        kind: 'phone',
        platform: 'android',
        scope: 'approve',
        fingerprint: '0123456789abcdef',
        state: 'active',
        pairedAt: iso(now - 8e7),
        lastSeenAt: iso(now - 4000),
        connected: true,
      },
    },
    {
      type: 'device.changed',
      device: {
        id: 'dev_2',
        name: 'Tablet',
        kind: 'phone',
        platform: 'ios',
        scope: 'view',
        fingerprint: 'fedcba9876543210',
        state: 'pending',
        purpose: 'pair',
        checkCode: '482913',
        requestedAt: iso(now),
        expiresAt: iso(now + 100_000),
      },
    },
    {
      type: 'alert.raised',
      alert: {
        id: 'al_1',
        kind: 'state-repaired',
        severity: 'warning',
        message: 'bubblewrap is not installed, so commands run without a sandbox',
        raisedAt: iso(now - 60_000),
      },
    },
    {
      type: 'audit.grown',
      audit: { records: 412, oldestSeq: 0, state: 'ok', checkpointAt: iso(now - 60_000) },
    },
  ];
}

export function sampleTimeline(now: number): TimelineEntry[] {
  const at = iso(now - 60_000);
  return [
    { seq: 0, at, kind: 'user', text: 'Round prices to whole cents and add tests' },
    { seq: 1, at, kind: 'thought', text: 'The rounding happens in two places.' },
    {
      seq: 2,
      at,
      kind: 'message',
      text: 'I will:\n\n1. read `src/price.ts`\n2. fix it\n\nSee [the docs](https://example.com/x) <img src=x onerror=alert(1)>\n\n```ts\nexport const cents = 1;\n```',
    },
    {
      seq: 3,
      at,
      kind: 'plan',
      entries: [
        { text: 'Read the code', state: 'completed' },
        { text: 'Write the fix', state: 'in_progress' },
        { text: 'Run tests', state: 'pending' },
      ],
    },
    {
      seq: 4,
      at,
      kind: 'tool',
      toolCallId: 'a',
      title: 'Read src/price.ts',
      toolKind: 'read',
      state: 'completed',
      paths: ['src/price.ts'],
      output: 'export const price = 1;',
    },
    {
      seq: 5,
      at,
      kind: 'permission',
      approvalId: 'ap_1',
      title: 'Run git push origin main',
      outcome: 'asked',
    },
    {
      seq: 6,
      at,
      kind: 'file',
      path: 'src/price.ts',
      diff: '@@ -1,2 +1,2 @@\n-export const price = 1;\n+export const price = 100;\n keep\n',
    },
  ];
}
