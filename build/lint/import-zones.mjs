// An ESLint rule: who may import whom, by folder. It needs no resolver, as relative imports here carry their extension.
import { dirname, relative, resolve, sep } from 'node:path';

/**
 * @typedef {object} Zone
 * @property {readonly string[]} target folders or files (from the root) whose imports are judged
 * @property {readonly string[]} except folders below `target` that are not judged
 * @property {readonly string[]} allowed folders or files that they may import; everything else of ours is an error
 * @property {readonly string[]} [types] folders that they may import types from
 * @property {string} message what to use instead
 */

/**
 * @param {string} path from the root
 * @param {readonly string[]} folders
 */
const isIn = (path, folders) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** What tests share with each other; nothing that ships may reach it. */
const TEST_SUPPORT = ['main/testing'];
/** @param {string} path */
const isTest = (path) => /\.test\.tsx?$/.test(path);

/**
 * The first zone that forbids this import, or undefined.
 * @param {readonly Zone[]} zones
 * @param {{ from: string, to: string, typeOnly: boolean }} edge paths from the root, with `/`
 */
export function forbiddenBy(zones, { from, to, typeOnly }) {
  if (isTest(from) && isIn(to, TEST_SUPPORT)) return undefined;
  return zones.find(
    ({ target, except, allowed, types = [] }) =>
      isIn(from, target) && !isIn(from, except) && !isIn(to, allowed) && !(typeOnly && isIn(to, types)),
  );
}

/** @param {import('eslint').Rule.Node} node */
const isTypeOnly = (node) =>
  ('importKind' in node && node.importKind === 'type') ||
  ('exportKind' in node && node.exportKind === 'type');

/** @type {import('eslint').Rule.RuleModule} */
export const importZones = {
  meta: {
    type: 'problem',
    docs: { description: 'keep imports inside the zones of the architecture' },
    schema: [{ type: 'object', properties: { root: { type: 'string' }, zones: { type: 'array' } } }],
  },
  create(context) {
    /** @type {{ root: string, zones: Zone[] }} */
    const { root, zones } = context.options[0];
    const fromRoot = (/** @type {string} */ path) => relative(root, path).split(sep).join('/');
    const from = fromRoot(context.filename);
    /** @param {import('eslint').Rule.Node} node */
    const check = (node) => {
      if (!('source' in node) || node.source?.type !== 'Literal') return;
      const { source } = node;
      if (typeof source.value !== 'string' || !source.value.startsWith('.')) return;
      const to = fromRoot(resolve(dirname(context.filename), source.value));
      const zone = forbiddenBy(zones, { from, to, typeOnly: isTypeOnly(node) });
      if (zone) context.report({ node: source, message: `${from} must not import ${to}. ${zone.message}` });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
