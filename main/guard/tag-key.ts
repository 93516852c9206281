import type { Log, RandomSource, SecretStore } from '../kernel/ports.ts';

const NAME = 'outbound-tag-key';

/**
 * The key of the tags, made at the first start. Without it the host goes on: tags are then those of this start only, so
 * nothing is allowed through that was allowed before.
 */
export async function openTagKey(
  deps: { secrets: SecretStore; random: RandomSource; log: Log },
  use: (key: Uint8Array) => void,
): Promise<void> {
  const { secrets, random, log } = deps;
  try {
    const kept = await secrets.get(NAME);
    const key = kept ?? random.bytes(32);
    if (kept === null) await secrets.set(NAME, key);
    use(key);
  } catch (error) {
    log.warn(
      { error: String(error) },
      'the key for tags of secrets cannot be read; no allowed value is let through',
    );
  }
}
