import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AgentName } from '../../../contract/agents.ts';
import { refuseUpgrade, type Listener } from './http-listener.ts';
import type { AcpEndpoint } from './ports.ts';
import type { Tokens } from './tokens.ts';

export interface AcpRouteDeps {
  readonly tokens: Tokens;
  readonly acp: AcpEndpoint;
  /** Puts on record why somebody with a token was not served. */
  readonly refused: (why: string) => void;
}

const NEEDS_TOKEN = { 'www-authenticate': 'Bearer realm="signalbox"' };

/**
 * `/acp` and `/acp/NAME`: the token before the upgrade and before the body, a name from the allow-list and never a
 * command. `/acp/ws` and `/acp/NAME/ws` are the same sockets where clients of acpremote look for them, so no agent can
 * be served under the name `ws`.
 */
export function addAcpRoutes(listener: Listener, deps: AcpRouteDeps): void {
  const { tokens, acp, refused } = deps;
  addRequests(listener, deps);
  listener.onUpgrade((req, socket, head) => {
    const agent = agentOf(req);
    if (agent === undefined || !acp.isOn()) return false;
    const token = tokens.verify('acp', req.headers.authorization);
    if (!token) refuseUpgrade(socket, 401, NEEDS_TOKEN);
    else acp.handleUpgrade(req, socket, head, { agent, principal: `acp:${token.id}`, refused });
    return true;
  });
}

function addRequests(listener: Listener, { tokens, acp, refused }: AcpRouteDeps): void {
  listener.addRoutes(async (app) => {
    await app.register(async (scope) => {
      // The endpoint reads and caps the body itself; nothing here may touch the stream.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      for (const url of ['/acp', '/acp/:agent']) {
        scope.route({ method: ['GET', 'POST', 'DELETE'], url, handler: answer });
      }
    });
    app.get('/healthz', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok'));
  });

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const agent = agentOf(request.raw);
    if (agent === undefined || !acp.isOn())
      return reply.code(404).send({ error: 'no agent is served: signalbox acp serve AGENT' });
    const token = tokens.verify('acp', request.headers.authorization);
    if (!token) {
      return reply
        .code(401)
        .headers(NEEDS_TOKEN)
        .send({ error: 'a bearer token is needed: signalbox acp token create' });
    }
    reply.hijack();
    acp.handleRequest(request.raw, reply.raw, { agent, principal: `acp:${token.id}`, refused });
    return reply;
  }
}

/** The agent that a path names: null for the default one, undefined for a path that is not ours. */
function agentOf(req: IncomingMessage): string | null | undefined {
  const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
  const match = /^\/acp(?:\/([^/]+))??(?:\/ws)?$/.exec(path);
  if (match === null) return undefined;
  const name = match[1];
  if (name === undefined) return null;
  const agent = AgentName.safeParse(name);
  return agent.success ? agent.data : undefined;
}
