import * as z from 'zod';
import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { TestAccess } from './ports.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 1024 * 1024;
const REVISION = '2025-11-25';

const ToolList = z.object({ tools: z.array(z.object({ name: z.string() })) });
const Answer = z.object({
  id: z.unknown(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/**
 * Calls the bridge over HTTP as a client would: initialize, initialized, tools/list, end. The token is made for this
 * and revoked whatever happens.
 * @throws HostError `unavailable` with the step that failed and what came back
 */
export async function selfTest(deps: {
  access: TestAccess;
  clock: Clock;
}): Promise<OutputOf<'bridge.selfTest'>> {
  const url = deps.access.mcpUrl();
  if (url === null) throw new HostError('unavailable', 'The MCP bridge is not listening.');
  const startedAt = deps.clock.monotonic();
  const { token, revoke } = await deps.access.mintTestToken();
  try {
    const client = httpClient(url, token);
    const opened = await client('POST', 'initialize', {
      protocolVersion: REVISION,
      capabilities: {},
      clientInfo: { name: 'signalbox self-test', version: '1' },
    });
    await client('POST', 'notifications/initialized', undefined, opened.session);
    const listed = await client('POST', 'tools/list', {}, opened.session);
    await client('DELETE', 'end', undefined, opened.session);
    const tools = ToolList.safeParse(listed.result);
    if (!tools.success) throw new HostError('unavailable', 'tools/list: the answer is not a list of tools');
    return {
      tools: tools.data.tools.map(({ name }) => name),
      durationMs: deps.clock.monotonic() - startedAt,
    };
  } finally {
    await revoke();
  }
}

function httpClient(url: string, token: string) {
  return async (verb: 'POST' | 'DELETE', method: string, params?: object, session?: string) => {
    const failed = (why: string) => new HostError('unavailable', `${method}: ${why}`);
    const isRequest = verb === 'POST' && !method.startsWith('notifications/');
    const response = await fetch(url, {
      method: verb,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        ...(verb === 'POST' && { 'content-type': 'application/json' }),
        ...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': REVISION }),
      },
      ...(verb === 'POST' && {
        body: JSON.stringify({ jsonrpc: '2.0', ...(isRequest && { id: 1 }), method, params }),
      }),
    }).catch((error: unknown) => {
      throw failed(
        error instanceof Error && error.name === 'TimeoutError' ? 'no answer in 10 s' : 'no connection',
      );
    });
    if (!response.ok) throw failed(`the bridge answered HTTP ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_ANSWER) throw failed('the answer is too long');
    return {
      session: response.headers.get('mcp-session-id') ?? undefined,
      result: isRequest ? resultIn(text, failed) : undefined,
    };
  };
}

/** The result in a JSON body or in the events of a stream. */
function resultIn(text: string, failed: (why: string) => HostError): unknown {
  const bodies = text.trimStart().startsWith('{')
    ? [text]
    : [...text.matchAll(/^data: ?(.+)$/gm)].map((match) => match[1] ?? '');
  for (const body of bodies) {
    const answer = Answer.safeParse(parse(body));
    if (!answer.success || answer.data.id !== 1) continue;
    if (answer.data.error !== undefined) throw failed(answer.data.error.message.slice(0, 200));
    return answer.data.result;
  }
  throw failed('there is no answer in what came back');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
