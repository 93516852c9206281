import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, fromBase64Url, isZero, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import { DH_LENGTH } from './dh-key.ts';
import { PAIR_ID_LENGTH } from './handshake-payloads.ts';
import { PSK_LENGTH } from './noise.ts';

/** What the QR code carries. The hosts are only hints where to knock; the key decides who answers. */
export interface PairingText {
  /** The host's static X25519 key, 32 bytes. */
  readonly hostPublicKey: Uint8Array;
  /** One-time secret, 16 bytes. */
  readonly secret: Uint8Array;
  /** One to four `name`, `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`, in order of preference. */
  readonly hosts: readonly string[];
}

export const PAIRING_SECRET_LENGTH = 16;

const VERSION = 1;
const SCHEME = 'signalbox://p';
const MAX_TEXT = 2048;
const MAX_HOSTS = 4;
const KEY_LENGTH_IN_TEXT = 66; // 1 + 32 + 16 bytes in base64url

/** `signalbox://p#<66 characters>@<host[,host2]>`: what the QR code shows and the owner may copy. */
export function encodePairingText(pairing: PairingText): string {
  return `${SCHEME}#${fragmentOf(pairing)}`;
}

/**
 * The same as a link to the phone web app. `page` is its address without a fragment. What follows `#` is never
 * sent to a server.
 */
export function encodePairingLink(page: string, pairing: PairingText): string {
  if (!isPage(page))
    throw new ChannelError('misuse', 'the page of a pairing link must be http(s) and without #');
  return `${page}#${fragmentOf(pairing)}`;
}

/**
 * Reads either form, whether scanned or pasted. Throws ChannelError `refused` with a sentence for the user;
 * it never repeats the text, which holds a secret.
 */
export function parsePairingText(text: string): PairingText {
  const trimmed = text.length > MAX_TEXT ? '' : text.trim();
  const [start = '', fragment, ...rest] = trimmed.split('#');
  if (fragment === undefined || rest.length > 0 || !(start === SCHEME || isPage(start))) {
    throw new ChannelError('refused', 'This is not a Signalbox pairing code.');
  }
  const [code = '', hostList, ...more] = fragment.split('@');
  if (hostList === undefined || more.length > 0) {
    throw new ChannelError('refused', 'This pairing code does not say where the host is.');
  }
  const hosts = hostList.split(',');
  if (!areHosts(hosts)) {
    throw new ChannelError('refused', 'This pairing code has a host address that cannot be read.');
  }
  return { ...decodeKey(code), hosts };
}

/** The invitation's id (8 bytes, announced in message 1) and pre-shared key (32 bytes). */
export function derivePairing(pairing: Pick<PairingText, 'hostPublicKey' | 'secret'>): {
  readonly pairId: Bytes;
  readonly pairPsk: Bytes;
} {
  const { hostPublicKey, secret } = pairing;
  const derive = (info: string, length: number): Bytes =>
    Uint8Array.from(hkdf(sha256, secret, hostPublicKey, utf8(info), length));
  return {
    pairId: derive('signalbox/pair-id/v1', PAIR_ID_LENGTH),
    pairPsk: derive('signalbox/pair-psk/v1', PSK_LENGTH),
  };
}

function fragmentOf({ hostPublicKey, secret, hosts }: PairingText): string {
  if (hostPublicKey.length !== DH_LENGTH || secret.length !== PAIRING_SECRET_LENGTH || isZero(secret)) {
    throw new ChannelError('misuse', 'a pairing code needs a 32-byte key and a 16-byte secret');
  }
  if (!areHosts(hosts))
    throw new ChannelError('misuse', 'a pairing code needs one to four hosts, name or name:port');
  return `${toBase64Url(concat(Uint8Array.of(VERSION), hostPublicKey, secret))}@${hosts.join(',')}`;
}

function decodeKey(code: string): Pick<PairingText, 'hostPublicKey' | 'secret'> {
  if (code.length !== KEY_LENGTH_IN_TEXT) {
    throw new ChannelError('refused', 'This pairing code is incomplete. Scan it again or copy all of it.');
  }
  let bytes: Bytes;
  try {
    bytes = fromBase64Url(code);
  } catch {
    throw new ChannelError('refused', 'This pairing code is damaged. Scan it again or copy all of it.');
  }
  if (bytes[0] !== VERSION) {
    throw new ChannelError(
      'refused',
      'This pairing code is for another version of Signalbox. Update the app.',
    );
  }
  const hostPublicKey = bytes.slice(1, 1 + DH_LENGTH);
  const secret = bytes.slice(1 + DH_LENGTH);
  if (isZero(hostPublicKey) || isZero(secret)) {
    throw new ChannelError('refused', 'This pairing code is damaged. Ask the host for a new one.');
  }
  return { hostPublicKey, secret };
}

/** http or https, no user name, no white space; a path and a query may follow. */
function isPage(text: string): boolean {
  return /^https?:\/\/[a-z0-9.:[\]-]{1,261}(?:[/?][^\s#@]*)?$/i.test(text);
}

function areHosts(hosts: readonly string[]): boolean {
  return hosts.length >= 1 && hosts.length <= MAX_HOSTS && hosts.every(isHost);
}

function isHost(host: string): boolean {
  const [, name = '', port] =
    /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::([1-9]\d{0,4}))?$/.exec(host) ?? [];
  if (name === '' || (port !== undefined && Number(port) > 65535)) return false;
  if (name.startsWith('[')) return name.includes(':');
  return name.split('.').every((part) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(part));
}
