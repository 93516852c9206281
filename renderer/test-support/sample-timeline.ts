import type { TimelineEntry } from '../../contract/sessions.ts';

const iso = (ms: number) => new Date(ms).toISOString();

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
