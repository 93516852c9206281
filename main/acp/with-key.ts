import { loginByKey } from './auth-method.ts';

/** ACP: what an agent answers where it needs a login first. */
const AUTH_REQUIRED = -32_000;

export interface KeyLogin {
  /** The variable in which the agent has a key that the host keeps for it; null where it keeps none. */
  readonly variable: () => Promise<string | null>;
  /** `authMethods`, as the agent sent them in its answer to `initialize`. */
  readonly offered: readonly unknown[];
  readonly authenticate: (methodId: string) => Promise<unknown>;
}

/**
 * Asks an agent for something. Some agents use a key in their environment only once they are told to: one that wants
 * a login first is told so, and asked again.
 */
export async function withKey<T>(
  ask: () => Promise<T>,
  { variable, offered, authenticate }: KeyLogin,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const name = isAuthRequired(error) ? await variable() : null;
    const methodId = name === null ? null : loginByKey(name, offered);
    if (methodId === null) throw error;
    await authenticate(methodId);
    return ask();
  }
}

/** Whether an agent refused something because it needs a login first. */
export function isAuthRequired(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === AUTH_REQUIRED;
}
