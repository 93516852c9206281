import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { AuthenticationJson, RegistrationJson } from '../../contract/proof.ts';

/** What a forger changes of an otherwise good answer. */
export interface Forgery {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  clientData?: Record<string, unknown>;
  flags?: number;
  counter?: number;
  userHandle?: string;
  id?: string;
  alg?: number;
  fmt?: string;
  /** Bytes behind the authenticator data. */
  trailing?: Uint8Array;
  /** How many bytes of the authenticator data are kept. */
  keep?: number;
  key?: KeyObject;
}

const UP = 0x01;
const UV = 0x04;
const AT = 0x40;
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** An authenticator in a few lines, that also does what no honest one does. */
export function createForgedAuthenticator() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rawId = randomBytes(32);
  const id = b64(rawId);
  let counter = 1;

  function clientData(type: string, page: { origin: string; challenge: string }, forged: Forgery): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: forged.type ?? type,
        challenge: forged.challenge ?? page.challenge,
        origin: forged.origin ?? page.origin,
        crossOrigin: false,
        ...forged.clientData,
      }),
    );
  }

  function authData(flags: number, forged: Forgery, attested: Uint8Array): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(forged.counter ?? counter++);
    const whole = Buffer.concat([
      sha256(forged.rpId ?? 'localhost'),
      Buffer.from([forged.flags ?? flags]),
      count,
      attested,
      forged.trailing ?? Buffer.alloc(0),
    ]);
    return whole.subarray(0, forged.keep ?? whole.length);
  }

  function cosePublicKey(alg: number): Buffer {
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    return Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03]),
      cborInt(alg),
      Buffer.from([0x20, 0x01, 0x21, 0x58, 0x20]),
      Buffer.from(x, 'base64url'),
      Buffer.from([0x22, 0x58, 0x20]),
      Buffer.from(y, 'base64url'),
    ]);
  }

  return {
    id,
    create(page: { origin: string; challenge: string }, forged: Forgery = {}): RegistrationJson {
      const length = Buffer.from([0, rawId.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, cosePublicKey(forged.alg ?? -7)]);
      const data = authData(UP | UV | AT, forged, attested);
      const size = Buffer.alloc(2);
      size.writeUInt16BE(data.length);
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        cborText('fmt'),
        cborText(forged.fmt ?? 'none'),
        cborText('attStmt'),
        Buffer.from([0xa0]),
        cborText('authData'),
        Buffer.from([0x59]),
        size,
        data,
      ]);
      return {
        id: forged.id ?? id,
        rawId: forged.id ?? id,
        response: {
          clientDataJSON: b64(clientData('webauthn.create', page, forged)),
          attestationObject: b64(attestation),
        },
        clientExtensionResults: {},
        type: 'public-key',
      };
    },
    get(page: { origin: string; challenge: string }, forged: Forgery = {}): AuthenticationJson {
      const data = authData(UP | UV, forged, Buffer.alloc(0));
      const client = clientData('webauthn.get', page, forged);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), forged.key ?? privateKey);
      return {
        id: forged.id ?? id,
        rawId: forged.id ?? id,
        response: {
          clientDataJSON: b64(client),
          authenticatorData: b64(data),
          signature: b64(signature),
          ...(forged.userHandle !== undefined && { userHandle: forged.userHandle }),
        },
        clientExtensionResults: {},
        type: 'public-key',
      };
    },
  };
}

const cborText = (text: string) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);

/** A negative number down to -65536 (RFC 8949, major type 1). */
function cborInt(value: number): Buffer {
  const n = -1 - value;
  if (n < 24) return Buffer.from([0x20 + n]);
  return n < 256 ? Buffer.from([0x38, n]) : Buffer.from([0x39, n >> 8, n & 0xff]);
}
