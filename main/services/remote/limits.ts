/** Largest message in either direction, in bytes. */
export const MAX_FRAME = 8 * 1024 * 1024;
/** What may wait for a slow client before the agent is held back, in bytes and, over HTTP, in messages. */
export const HIGH_WATER = 1024 * 1024;
export const LOW_WATER = 256 * 1024;
export const MAX_QUEUE = 1024;
/** Whoever takes nothing of what waits for it within this time is given up. */
export const STALL_MS = 60_000;
/** A client that has opened a connection must say `initialize` within this time. */
export const OPEN_MS = 10_000;
/** Requests of one side that wait for an answer of the other, and sessions of one connection. */
export const MAX_WAITING = 4096;
export const MAX_SESSIONS = 1024;
/** Requests for leave that wait on one connection: opening more sessions does not let an agent ask without end. */
export const MAX_QUESTIONS = 32;
/** Length of a session id, in characters. */
export const MAX_SESSION_ID = 1024;
