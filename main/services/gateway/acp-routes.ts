import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { AgentName } from '../../../contract/agents.ts';
import { refuseUpgrade, type Listener } from './http-listener.ts';
import type { AcpEndpoint } from './ports.ts';
import type { Tokens } from './tokens.ts';

/** `/acp` and `/acp/NAME`: the token before the upgrade, a name from the allow-list and never a command. */
export function addAcpRoutes(listener: Listener, deps: { tokens: Tokens; acp: AcpEndpoint }): void {
  const { tokens, acp } = deps;
  addMetadata(listener.app, deps);
  listener.onUpgrade((req, socket, head) => {
    const agent = agentOf(req);
    if (agent === undefined || !acp.isOn()) return false;
    const token = tokens.verify('acp', req.headers.authorization);
    if (!token) refuseUpgrade(socket, 401, { 'WWW-Authenticate': 'Bearer realm="signalbox"' });
    else acp.handleUpgrade(req, socket, head, { agent, principal: `acp:${token.id}` });
    return true;
  });
}

function addMetadata(app: FastifyInstance, { tokens, acp }: { tokens: Tokens; acp: AcpEndpoint }): void {
  for (const url of ['/acp', '/acp/:agent']) {
    app.get(url, async (request, reply) => {
      if (!acp.isOn())
        return reply.code(404).send({ error: 'no agent is served: signalbox acp serve AGENT' });
      if (!tokens.verify('acp', request.headers.authorization)) {
        return reply
          .code(401)
          .header('www-authenticate', 'Bearer realm="signalbox"')
          .send({ error: 'a bearer token is needed: signalbox acp token create' });
      }
      reply.hijack();
      acp.handleRequest(request.raw, reply.raw);
      return reply;
    });
  }
  app.get('/healthz', async () => ({ ok: true }));
}

/** The agent that a path names: null for the default one, undefined for a path that is not ours. */
function agentOf(req: IncomingMessage): string | null | undefined {
  const path = new URL(req.url ?? '/', 'http://localhost').pathname;
  if (path === '/acp') return null;
  const name = AgentName.safeParse(/^\/acp\/([^/]+)$/.exec(path)?.[1]);
  return name.success ? name.data : undefined;
}
