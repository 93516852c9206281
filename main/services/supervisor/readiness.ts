import type { ProcessDefinition, Readiness } from '../../../contract/supervisor.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { commandTry, httpTry, tcpTry, type Try } from './probe.ts';
import type { OutputSearch } from './shim/messages.ts';

type Probe = Exclude<Readiness, OutputSearch>;

/** True for a condition that shows in the output; the others are asked for. */
export function showsInOutput(condition: Readiness): condition is Extract<Readiness, OutputSearch> {
  return condition.kind === 'text' || condition.kind === 'regex';
}

/** One question to a process, as its definition says. @param env what the command of a question gets */
export function probeOf(
  condition: Probe,
  { cwd, name }: Pick<ProcessDefinition, 'cwd' | 'name'>,
  deps: { readonly processGroups: ProcessGroups; readonly env: Readonly<Record<string, string>> },
): Try {
  switch (condition.kind) {
    case 'tcp':
      return tcpTry(condition.port);
    case 'http':
      return httpTry(condition.url, condition.status);
    case 'command':
      return commandTry(deps.processGroups, {
        argv: condition.argv,
        cwd,
        env: deps.env,
        label: `question to ${name}`,
        graceMs: 0,
      });
  }
}

/** The condition in words, for reasons: `to print "listening"`. */
export function describeReadiness(condition: Readiness): string {
  switch (condition.kind) {
    case 'text':
      return `to print "${condition.text}"`;
    case 'regex':
      return `to print a line that fits /${condition.pattern}/`;
    case 'tcp':
      return `to listen on port ${condition.port}`;
    case 'http':
      return `to answer at ${new URL(condition.url).origin}`;
    case 'command':
      return `until ${condition.argv[0] ?? ''} says so`;
  }
}
