import type { CDPSession, Page } from 'playwright-core';

export interface Reply {
  readonly ok: boolean;
  readonly value?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** An answer of the authenticator, in the JSON form of WebAuthn level 3. */
export interface Credential {
  readonly id: string;
  readonly rawId: string;
  readonly response: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

/** Runs inside the page: calls of the host over connections of its own, and the ceremonies of the browser. */
const IN_THE_PAGE = `(() => {
  const open = () => new Promise((resolve, reject) => {
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/host');
    const waiting = new Map();
    let next = 1;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'reply') waiting.get(message.id)?.(message.reply);
    };
    socket.onerror = () => reject(new Error('the host cannot be reached'));
    socket.onopen = () => resolve({
      call: (name, input) => new Promise((answer) => {
        const id = next++;
        waiting.set(id, answer);
        socket.send(JSON.stringify({ type: 'call', id, name, input }));
      }),
    });
  });
  const PK = PublicKeyCredential;
  window.passkeys = {
    connections: {},
    async call(connection, name, input) {
      this.connections[connection] ??= await open();
      return this.connections[connection].call(name, input);
    },
    forget() { this.connections = {}; },
    async create(options) {
      const made = await navigator.credentials.create({ publicKey: PK.parseCreationOptionsFromJSON(options) });
      return made.toJSON();
    },
    async get(options) {
      const made = await navigator.credentials.get({ publicKey: PK.parseRequestOptionsFromJSON(options) });
      return made.toJSON();
    },
  };
})()`;

/** The owner's browser with an authenticator that answers by itself, as the page of the dashboard sees it. */
export async function withAuthenticator(page: Page) {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');

  async function add(transport: 'internal' | 'usb'): Promise<string> {
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport,
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return authenticatorId;
  }

  const inPage = <T>(method: string, ...args: unknown[]): Promise<T> =>
    page.evaluate(
      ([name, given]) =>
        (window as unknown as { passkeys: Record<string, (...of: unknown[]) => Promise<unknown>> }).passkeys[
          name
        ]?.(...given),
      [method, args] as const,
    ) as Promise<T>;

  return {
    session,
    add,
    remove: (authenticatorId: string) =>
      session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
    /** Has to be done again after a reload, and after the host was started again. */
    prepare: () => page.evaluate(IN_THE_PAGE),
    call: (name: string, input: unknown, connection = 'one') =>
      inPage<Reply>('call', connection, name, input),
    create: (options: unknown) => inPage<Credential>('create', options),
    get: (options: unknown) => inPage<Credential>('get', options),
  };
}
