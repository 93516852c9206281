const iso = (ms: number) => new Date(ms).toISOString();

/** Who may reach the host and how: calls, tokens, tunnel, remote connections, devices. */
export function doorEvents(now: number): unknown[] {
  return [
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
        permissions: 'host',
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
