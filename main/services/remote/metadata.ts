import { MAX_FRAME, MAX_QUEUE } from './limits.ts';

/**
 * What a plain `GET /acp` is told: what is served here, and nothing of this machine. The names with underscores are those
 * of acpremote 0.9 (transport version 1), whose clients look for `websocket_path`.
 * @param path where the agent is served: `/acp` or `/acp/NAME`
 */
export function describeService(facts: {
  path: string;
  agent: string;
  agents: readonly string[];
  version: string;
}): Record<string, unknown> {
  return {
    protocol: 'acp',
    transports: ['websocket', 'http'],
    agent: facts.agent,
    agents: facts.agents,
    maxFrameBytes: MAX_FRAME,
    transport_kind: 'websocket',
    transport_version: 1,
    package_version: facts.version,
    auth_required: true,
    supported_auth_modes: ['bearer'],
    max_size: MAX_FRAME,
    max_queue: MAX_QUEUE,
    compression: null,
    health_path: '/healthz',
    metadata_path: facts.path,
    websocket_path: `${facts.path}/ws`,
    supported_agent_families: [],
    remote_cwd: null,
  };
}
