import type { KnownCall } from '../../acp/tool-calls.ts';
import type { NewTimelineEntry } from './ports.ts';

const MAX_OUTPUT = 16_384;

/**
 * The timeline entry of a tool call as it stands.
 * @param terminals what the terminals show that it was run in
 */
export function toolEntry(
  call: KnownCall,
  relative: (path: string) => string,
  terminals: readonly string[] = [],
): NewTimelineEntry {
  const diffs = call.content.flatMap((part) => (part.type === 'diff' ? [part.path] : []));
  const places = call.locations.map((location) => location.path);
  return {
    kind: 'tool',
    toolCallId: call.toolCallId,
    title: call.title,
    toolKind: call.kind,
    state: call.status,
    paths: [...new Set([...diffs, ...places].map(relative))],
    output: [outputOf(call), ...terminals]
      .filter((text) => text !== '')
      .join('\n')
      .slice(0, MAX_OUTPUT),
  };
}

function outputOf(call: KnownCall): string {
  const texts = call.content.flatMap((part) =>
    part.type === 'content' && part.content.type === 'text' ? [part.content.text] : [],
  );
  if (texts.length > 0) return texts.join('\n');
  if (typeof call.rawOutput === 'string') return call.rawOutput;
  if (typeof call.rawOutput !== 'object' || call.rawOutput === null) return '';
  const output = call.rawOutput as Record<string, unknown>;
  const found = ['formatted_output', 'aggregated_output', 'output', 'stdout']
    .map((key) => output[key])
    .find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : '';
}
