import { frameOf, idKey, type Fields, type Id, type Message } from './message.ts';

/**
 * Requests of the agent that the editor has to answer. A new agent counts its ids from the beginning, so after a
 * reconnect they are marked: an answer that comes late never reaches a question that it was not meant for.
 */
export interface Questions {
  /** The request as the editor gets it; null when the bytes may stay as they are. */
  asked(message: Message, raw: Fields): Buffer | null;
  /** The answer for the agent: `as-is`, as these bytes, or `stale` when nobody waits for it any more. */
  answered(message: Message, raw: Fields): 'as-is' | 'stale' | Buffer;
  /** The notice `$/cancel_request` of the agent, in the editor's ids; null when it may stay as it is. */
  cancelled(raw: Fields): Buffer | null;
  /** The agent is gone: what takes its questions back, for the editor. */
  lost(): Buffer[];
}

export function createQuestions(): Questions {
  let generation = 0;
  const open = new Map<string, { shown: Id; original: Id }>();
  const stale = new Set<string>();

  const shownAs = (id: Id): Id => (generation === 0 ? id : `reconnect-${generation}:${idKey(id)}`);
  return {
    asked({ id = null }, raw) {
      const shown = shownAs(id);
      stale.delete(idKey(shown));
      open.set(idKey(shown), { shown, original: id });
      return generation === 0 ? null : frameOf({ ...raw, id: shown });
    },
    answered({ id = null }, raw) {
      const key = idKey(id);
      if (stale.delete(key)) return 'stale';
      const question = open.get(key);
      open.delete(key);
      if (generation === 0) return 'as-is';
      return question ? frameOf({ ...raw, id: question.original }) : 'stale';
    },
    cancelled(raw) {
      const params = raw['params'];
      if (generation === 0 || typeof params !== 'object' || params === null) return null;
      const id = (params as Fields)['requestId'];
      if (typeof id !== 'string' && typeof id !== 'number') return null;
      return frameOf({ ...raw, params: { ...params, requestId: shownAs(id) } });
    },
    lost() {
      generation += 1;
      const gone = [...open.values()];
      open.clear();
      for (const { shown } of gone) stale.add(idKey(shown));
      return gone.map(({ shown }) =>
        frameOf({ jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: shown } }),
      );
    },
  };
}
