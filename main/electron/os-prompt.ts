import { systemPreferences } from 'electron';
import type { OsPrompt } from '../services/presence/ports.ts';

/** Touch ID on a Mac. Electron offers no prompt of Windows or Linux; there a phone or a passkey proves presence. */
export function createOsPrompt(): OsPrompt {
  const isMac = process.platform === 'darwin';
  return {
    available: () => isMac && systemPreferences.canPromptTouchID(),
    async confirm(reason) {
      try {
        if (isMac) await systemPreferences.promptTouchID(reason);
        return isMac;
      } catch {
        return false;
      }
    },
  };
}
