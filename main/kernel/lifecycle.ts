import type { Log } from './ports.ts';

export interface Stoppable {
  readonly name: string;
  start?(): Promise<void> | void;
  stop?(): Promise<void> | void;
}

/** Starts in order and stops in the opposite one. A stop that fails is logged and never keeps the others waiting. */
export function createLifecycle(parts: readonly Stoppable[], log: Log) {
  const started: Stoppable[] = [];
  async function stop(): Promise<void> {
    for (const part of started.splice(0).reverse()) {
      try {
        await part.stop?.();
      } catch (error) {
        log.error({ part: part.name, error: String(error) }, 'stop failed');
      }
    }
  }
  return {
    stop,
    async start(): Promise<void> {
      try {
        for (const part of parts) {
          started.push(part);
          await part.start?.();
        }
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}
