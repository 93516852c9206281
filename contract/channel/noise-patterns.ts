import { ChannelError } from './channel-error.ts';

/** One step of a handshake message (Noise specification, revision 34, section 7.1; `psk` from section 9.3). */
export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk';

/** A handshake pattern ready to run. Messages alternate, the initiator begins. */
export interface NoisePattern {
  readonly name: string;
  /** Who publishes a static key before the first message (section 7.1, "pre-messages"). */
  readonly initiatorKnown: boolean;
  readonly responderKnown: boolean;
  readonly messages: readonly (readonly Token[])[];
  /** True if any modifier adds a `psk` token: then every `e` is also mixed into the key (section 9.2). */
  readonly usesPsk: boolean;
}

/**
 * One-way (7.4), fundamental (7.5) and deferred (7.6 and appendix 18.1) patterns.
 * `>` and `<` before the colon: the initiator's, the responder's static key is known beforehand.
 */
const TABLE: Readonly<Record<string, string>> = {
  N: '<: e es',
  K: '><: e es ss',
  X: '<: e es s ss',

  NN: ': e | e ee',
  NK: '<: e es | e ee',
  NX: ': e | e ee s es',
  KN: '>: e | e ee se',
  KK: '><: e es ss | e ee se',
  KX: '>: e | e ee se s es',
  XN: ': e | e ee | s se',
  XK: '<: e es | e ee | s se',
  XX: ': e | e ee s es | s se',
  IN: ': e s | e ee se',
  IK: '<: e es s ss | e ee se',
  IX: ': e s | e ee se s es',

  NK1: '<: e | e ee es',
  NX1: ': e | e ee s | es',
  X1N: ': e | e ee | s | se',
  X1K: '<: e es | e ee | s | se',
  XK1: '<: e | e ee es | s se',
  X1K1: '<: e | e ee es | s | se',
  X1X: ': e | e ee s es | s | se',
  XX1: ': e | e ee s | es s se',
  X1X1: ': e | e ee s | es s | se',
  K1N: '>: e | e ee | se',
  K1K: '><: e es | e ee | se',
  KK1: '><: e | e ee se es',
  K1K1: '><: e | e ee es | se',
  K1X: '>: e | e ee s es | se',
  KX1: '>: e | e ee se s | es',
  K1X1: '>: e | e ee s | se es',
  I1N: ': e s | e ee | se',
  I1K: '<: e es s | e ee | se',
  IK1: '<: e s | e ee se es',
  I1K1: '<: e s | e ee es | se',
  I1X: ': e s | e ee s es | se',
  IX1: ': e s | e ee se s | es',
  I1X1: ': e s | e ee s | se es',
};

/**
 * Reads a pattern name with its modifiers, such as `XKpsk3` or `NNpsk0+psk2` (section 8 names them, section
 * 9.4 places them: `psk0` begins the first message, `pskN` ends message N). Throws ChannelError `misuse`.
 */
export function noisePattern(name: string): NoisePattern {
  const [, base = '', modifiers = ''] = /^([NKXI1]+)((?:psk\d(?:\+psk\d)*)?)$/.exec(name) ?? [];
  const [known = '', body = ''] = (Object.hasOwn(TABLE, base) ? TABLE[base] : undefined)?.split(': ') ?? [];
  if (body === '') throw new ChannelError('misuse', `no Noise pattern is called ${name}`);
  const messages = body.split(' | ').map((message) => message.split(' ') as Token[]);
  for (const modifier of modifiers === '' ? [] : modifiers.split('+')) {
    const place = Number(modifier.slice('psk'.length));
    const message = messages[Math.max(0, place - 1)];
    if (message === undefined) throw new ChannelError('misuse', `${name} has no message ${String(place)}`);
    if (place === 0) message.unshift('psk');
    else message.push('psk');
  }
  return {
    name,
    initiatorKnown: known.includes('>'),
    responderKnown: known.includes('<'),
    messages,
    usesPsk: modifiers !== '',
  };
}
