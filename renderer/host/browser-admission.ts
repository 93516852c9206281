/**
 * What this page expects of a headless host's dashboard listener, in one place:
 *
 * - `GET  /host` without an upgrade: 401 while this browser is not admitted, anything else when it is.
 * - `POST /admit` `{ name }` (application/json): 200 `{ deviceId, checkCode }`, and the cookie that names this browser.
 * - `GET  /admit/DEVICEID`: held open up to 30 s; 200 `{ state: 'pending' | 'admitted' | 'refused' }`, 404 when gone.
 */
export interface AdmissionRequest {
  readonly deviceId: string;
  /** Six digits to compare on both sides. */
  readonly checkCode: string;
}

export type AdmissionAnswer = 'admitted' | 'pending' | 'refused' | 'gone' | 'unreachable';

type Fetch = (url: string, init?: RequestInit) => Promise<Pick<Response, 'status' | 'json'>>;

export interface BrowserAdmission {
  /** Whether the host refuses this browser, or something else is the matter. */
  probe(): Promise<'not-admitted' | 'other'>;
  /** Asks to be admitted under a name; null when the host did not take the request. */
  ask(name: string): Promise<AdmissionRequest | null>;
  /** One round of the long poll. */
  answer(deviceId: string): Promise<AdmissionAnswer>;
}

const DEVICE_ID = /^[A-Za-z0-9_-]{1,128}$/;

export function createBrowserAdmission(fetch: Fetch): BrowserAdmission {
  return {
    async probe() {
      try {
        return (await fetch('/host', { cache: 'no-store' })).status === 401 ? 'not-admitted' : 'other';
      } catch {
        return 'other';
      }
    },
    async ask(name) {
      try {
        const response = await fetch('/admit', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name }),
        });
        return response.status === 200 ? readRequest(await response.json()) : null;
      } catch {
        return null;
      }
    },
    async answer(deviceId) {
      try {
        const response = await fetch(`/admit/${deviceId}`, { cache: 'no-store' });
        if (response.status === 404) return 'gone';
        return response.status === 200 ? readAnswer(await response.json()) : 'unreachable';
      } catch {
        return 'unreachable';
      }
    },
  };
}

/** The command that the owner types; only made from an id and a code that cannot be anything but that. */
export function approveCommand({ deviceId, checkCode }: AdmissionRequest): string {
  return `signalbox devices approve ${deviceId} ${checkCode}`;
}

function readRequest(value: unknown): AdmissionRequest | null {
  if (typeof value !== 'object' || value === null) return null;
  const { deviceId, checkCode } = value as Partial<Record<keyof AdmissionRequest, unknown>>;
  if (typeof deviceId !== 'string' || !DEVICE_ID.test(deviceId)) return null;
  if (typeof checkCode !== 'string' || !/^\d{6}$/.test(checkCode)) return null;
  return { deviceId, checkCode };
}

function readAnswer(value: unknown): AdmissionAnswer {
  const state = typeof value === 'object' && value !== null && 'state' in value ? value.state : null;
  return state === 'admitted' || state === 'pending' || state === 'refused' ? state : 'unreachable';
}
