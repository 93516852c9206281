import type { DeviceStorage } from './device-storage.ts';
import { drawBytes } from './random.ts';
import { createWebStorage } from './web-storage.ts';

/** What this device keeps in a browser. `prompt` is for platforms that ask the person; browsers do so by passkeys only. */
export function createDeviceStorage(_prompt: string): DeviceStorage {
  return createWebStorage(indexedDB, crypto.subtle, drawBytes);
}
