const iso = (ms: number) => new Date(ms).toISOString();

/** Agents, the processes that run and the tasks that were given. */
export function workEvents(now: number): unknown[] {
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
  ];
}

/** What the process `web` has used in the last three minutes. */
export const sampleFigures = (now: number) => ({
  at: new Date().toISOString(),
  supported: true,
  processes: [
    {
      ...{ name: 'web', processes: 3, ports: [5173] },
      samples: Array.from({ length: 90 }, (_, i) => ({
        at: new Date(now - (90 - i) * 2000).toISOString(),
        cpu: i === 0 ? null : Math.abs(Math.sin(i / 9)) * 1.4,
        memory: 180_000_000 + i * 400_000,
      })),
    },
  ],
  parts: [],
  ended: [],
});
