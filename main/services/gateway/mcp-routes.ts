import { mcpCaller } from '../../kernel/caller.ts';
import type { Listener } from './http-listener.ts';
import type { McpEndpoint } from './ports.ts';
import type { Tokens } from './tokens.ts';

/** `/mcp`: the token first, then the bytes go to the endpoint as they came. */
export function addMcpRoutes(listener: Listener, deps: { tokens: Tokens; mcp: McpEndpoint }): void {
  listener.addRoutes(async (app) => {
    await app.register(async (scope) => {
      // The endpoint reads and caps the body itself; nothing here may touch the stream.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.route({
        method: ['GET', 'POST', 'DELETE'],
        url: '/mcp',
        handler: async (request, reply) => {
          const token = deps.tokens.verify('mcp', request.headers.authorization);
          if (!token) {
            return reply
              .code(401)
              .header('www-authenticate', 'Bearer realm="signalbox", error="invalid_token"')
              .send({ error: 'a bearer token is needed: signalbox mcp token create' });
          }
          reply.hijack();
          await deps.mcp.handle(request.raw, reply.raw, mcpCaller(token.id, token.scope, token.workspaceId));
          return reply;
        },
      });
    });
  });
}
