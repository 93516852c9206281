import type { Found } from './secret-finding.ts';

interface Linter {
  lint(text: string): Promise<Found[]>;
}

let linter: Promise<Linter> | undefined;

/**
 * Second opinion of the secretlint preset on text that the own patterns have already passed. Loaded at the first call
 * (about 150 ms). Ranges are in order and do not overlap.
 */
export async function deepScan(text: string): Promise<Found[]> {
  linter ??= load();
  return (await linter).lint(text);
}

async function load(): Promise<Linter> {
  const [{ lintSource }, { creator }, { secretLintProfiler }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@secretlint/profiler'),
  ]);
  // It keeps every mark for ever and searches all of them at each lint: memory and time would grow with each call.
  secretLintProfiler.mark = () => {};
  const id = '@secretlint/secretlint-rule-preset-recommend';
  return {
    async lint(text) {
      const result = await lintSource({
        source: { filePath: 'outbound.txt', content: text, contentType: 'text', ext: '.txt' },
        options: { config: { rules: [{ id, rule: creator }] }, noPhysicFilePath: true },
      });
      const found: Found[] = [];
      const messages = [...result.messages].sort((a, b) => a.range[0] - b.range[0]);
      for (const { range, ruleId } of messages) {
        const kind = ruleId.replace(/^@secretlint\/secretlint-rule-/, '');
        const last = found.at(-1);
        if (last === undefined || range[0] >= last.end) {
          const [start, end] = range;
          found.push({ kind, origin: originOf(kind), start, end, value: text.slice(start, end) });
        } else if (range[1] > last.end) found[found.length - 1] = { ...last, end: range[1] };
      }
      return found;
    },
  };
}

/** A private key that the own patterns passed is one all the same. */
const originOf = (kind: string): Found['origin'] => (kind === 'privatekey' ? 'private-key' : 'pattern');
