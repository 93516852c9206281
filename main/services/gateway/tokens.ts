import { createHash, timingSafeEqual } from 'node:crypto';
import { TokenInfo, type TokenKind, type TokenScope } from '../../../contract/gateway.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { TokenId, type WorkspaceId } from '../../../contract/ids.ts';
import { text, type Database } from '../../kernel/database.ts';
import { type KeepSecret, instant, type Clock, type RandomSource } from '../../kernel/ports.ts';

const FORM = /^signalbox_(mcp|acp)_([A-Za-z0-9-]{8})_([A-Za-z0-9_-]{43})$/;
const TOUCH_MS = 60_000;

export interface Tokens {
  create(facts: {
    kind: TokenKind;
    name: string;
    scope: TokenScope;
    workspaceId: WorkspaceId | null;
    expiresAt: string | null;
  }): { info: TokenInfo; token: string };
  /**
   * A token for an agent that the host starts. It is kept in memory only: what ends the host ends it too, and when it
   * is revoked nothing of it stays in the list.
   */
  hand(facts: { agent: string; name: string; scope: TokenScope; workspaceId: WorkspaceId }): {
    info: TokenInfo;
    token: string;
  };
  /** The token behind an `Authorization: Bearer` value, or null. Takes the same time for a wrong and an unknown one. */
  verify(kind: TokenKind, authorization: string | undefined): TokenInfo | null;
  revoke(id: TokenId): boolean;
  list(kind?: TokenKind): TokenInfo[];
}

/** Bearer tokens of 256 random bits: shown once, kept as SHA-256, found by id, compared in constant time. */
export function createTokens(deps: {
  db: Database;
  clock: Clock;
  random: RandomSource;
  keepSecret?: KeepSecret | undefined;
  publish(event: HostEvent): void;
  /** A token came that opens nothing. */
  refused(kind: TokenKind): void;
}): Tokens {
  const { db, clock, random, publish, refused, keepSecret } = deps;

  function current(info: TokenInfo): TokenInfo {
    const expired =
      info.state === 'active' && info.expiresAt !== null && info.expiresAt <= instant(clock.now());
    return expired ? { ...info, state: 'expired' } : info;
  }

  const handed = new Map<string, { info: TokenInfo; sha256: string }>();

  function read(id: string): { info: TokenInfo; sha256: string } | null {
    const inMemory = handed.get(id);
    if (inMemory) return inMemory;
    const row = db.get('SELECT sha256, body FROM tokens WHERE id = ?', id);
    if (!row) return null;
    return { info: current(TokenInfo.parse(JSON.parse(text(row, 'body')))), sha256: text(row, 'sha256') };
  }

  function save(info: TokenInfo): void {
    const inMemory = handed.get(info.id);
    if (inMemory) handed.set(info.id, { ...inMemory, info });
    else db.run('UPDATE tokens SET body = ? WHERE id = ?', JSON.stringify(info), info.id);
    publish({ type: 'token.changed', token: info });
  }

  function mint(kind: TokenKind): { id: TokenId; token: string } {
    const id = TokenId.parse(Buffer.from(random.bytes(4)).toString('hex'));
    const token = `signalbox_${kind}_${id}_${Buffer.from(random.bytes(32)).toString('base64url')}`;
    keepSecret?.(token);
    return { id, token };
  }

  return {
    hand(facts) {
      const { id, token } = mint('mcp');
      const fixed = { kind: 'mcp', state: 'active', expiresAt: null, lastUsedAt: null } as const;
      const info: TokenInfo = { id, ...facts, ...fixed, createdAt: instant(clock.now()) };
      handed.set(id, { info, sha256: sha256(token) });
      publish({ type: 'token.changed', token: info });
      return { info, token };
    },
    create({ kind, name, scope, workspaceId, expiresAt }) {
      const { id, token } = mint(kind);
      const info: TokenInfo = {
        id,
        kind,
        name,
        state: 'active',
        scope,
        workspaceId,
        createdAt: instant(clock.now()),
        expiresAt,
        lastUsedAt: null,
      };
      db.run(
        'INSERT INTO tokens (id, sha256, body) VALUES (?, ?, ?)',
        id,
        sha256(token),
        JSON.stringify(info),
      );
      publish({ type: 'token.changed', token: info });
      return { info, token };
    },
    verify(kind, authorization) {
      const token = /^Bearer (\S{1,256})$/i.exec(authorization ?? '')?.[1] ?? '';
      const id = FORM.exec(token)?.[2] ?? '';
      const known = read(id);
      const fits = timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(known?.sha256 ?? sha256('')));
      if (!fits || !known || known.info.kind !== kind || known.info.state !== 'active') {
        if (authorization !== undefined) refused(kind);
        return null;
      }
      keepSecret?.(token);
      const now = clock.now();
      const last = known.info.lastUsedAt === null ? 0 : Date.parse(known.info.lastUsedAt);
      if (now - last > TOUCH_MS) save({ ...known.info, lastUsedAt: instant(now) });
      return known.info;
    },
    revoke(id) {
      if (handed.delete(id)) {
        publish({ type: 'token.removed', tokenId: id });
        return true;
      }
      const known = read(id);
      if (!known || known.info.state === 'revoked') return false;
      save({ ...known.info, state: 'revoked' });
      return true;
    },
    list: (kind) =>
      [
        ...[...handed.values()].map(({ info }) => info),
        ...db
          .all('SELECT body FROM tokens')
          .map((row) => current(TokenInfo.parse(JSON.parse(text(row, 'body'))))),
      ].filter((info) => kind === undefined || info.kind === kind),
  };
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
