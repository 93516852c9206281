import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder, absolute. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * A path inside the checkout.
 * @param {...string} parts
 */
export const fromRoot = (...parts) => join(ROOT, ...parts);

/** Where everything that can be built again is put. */
export const DIST = fromRoot('dist');
