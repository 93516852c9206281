// Writes docs/reference/{commands,cli}.md and the schema of the project file from the code, so that none can be wrong.
//   --check   writes nothing; exits 1 when a file is not what the code says
import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explain, say } from './lib/log.mjs';
import { ROOT, fromRoot } from './lib/paths.mjs';
import { readText, writeAtomic } from './lib/stamp.mjs';
import { StepError } from './lib/step-error.mjs';

/**
 * @typedef {{ $schema?: string, type?: string | string[], $ref?: string, $defs?: Record<string, Schema>, const?: unknown, enum?: unknown[],
 *   anyOf?: Schema[], oneOf?: Schema[], items?: Schema, properties?: Record<string, Schema>, required?: string[],
 *   additionalProperties?: Schema | boolean, default?: unknown }} Schema
 * @typedef {{ capability: string, risk: string, summary: string, input: unknown, output: unknown }} Spec
 * @typedef {{ name: string, summary: string, usage: string, options: { flags: string, summary: string }[], verbs: Verb[] }} Verb
 */

const HEAD = '<!-- Written by build/reference-docs.mjs (npm run docs). Change the code, not this file. -->\n';

/** Bundles what is described and loads it. */
async function loadSources() {
  mkdirSync(fromRoot('node_modules', '.cache'), { recursive: true });
  const folder = mkdtempSync(fromRoot('node_modules', '.cache', 'signalbox-docs-'));
  try {
    const outfile = join(folder, 'sources.mjs');
    await build({
      absWorkingDir: ROOT,
      stdin: {
        contents: `export { commands } from './contract/commands.ts';
export { createProgram } from './main/cli/program.ts';
export { ProjectFile } from './main/services/supervisor/project-schema.ts';
export { toJSONSchema } from 'zod';`,
        resolveDir: ROOT,
      },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'silent',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {unknown} value */
const code = (value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/**
 * A schema in a few words.
 * @param {Schema} schema
 * @param {number} [depth]
 * @returns {string}
 */
function typeOf(schema, depth = 0) {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(' \\| ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => typeOf(one, depth + 1)))].join(' \\| ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {}, depth)}`;
  if (schema.type === 'object') return objectOf(schema, depth);
  return typeof schema.type === 'string' ? schema.type : 'any';
}

/**
 * @param {Schema} schema
 * @param {number} depth
 */
function objectOf({ properties, additionalProperties }, depth) {
  if (!properties)
    return typeof additionalProperties === 'object'
      ? `map to ${typeOf(additionalProperties, depth)}`
      : 'object';
  const state = properties['state']?.const ?? properties['kind']?.const;
  const names = Object.keys(properties);
  const shown = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '');
  return state === undefined ? `{${shown}}` : `${String(state)} {${shown}}`;
}

/**
 * @param {Schema} schema
 * @param {string} empty
 */
function fields(schema, empty) {
  const { properties = {}, required = [] } = schema;
  const names = Object.keys(properties);
  if (names.length === 0)
    return schema.type === 'object' || schema.properties ? `${empty}\n` : `${typeOf(schema)}\n`;
  const rows = names.map((name) => {
    const field = properties[name] ?? {};
    const fallback = field.default === undefined ? '' : code(field.default);
    return `| \`${name}\` | ${typeOf(field)} | ${required.includes(name) ? 'yes' : 'no'} | ${fallback} |`;
  });
  return ['| field | type | needed | default |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/**
 * @param {Record<string, Spec>} commands
 * @param {(schema: unknown, options: object) => Schema} toJSONSchema
 */
function commandsPage(commands, toJSONSchema) {
  /** @param {unknown} schema @param {'input' | 'output'} io */
  const plain = (schema, io) => toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  const sections = Object.entries(commands).map(
    ([name, { capability, risk, summary, input, output }]) =>
      `## ${name}\n\n${summary}\n\nNeeds \`${capability}\`; risk ${risk}.\n\nInput\n\n${fields(plain(input, 'input'), 'nothing')}\nOutput\n\n${fields(plain(output, 'output'), 'nothing')}`,
  );
  return `${HEAD}\n# Commands\n\nEverything that the host can be asked to do, on every carrier.\n\n${sections.join('\n')}`;
}

/**
 * @param {any} command a command of commander
 * @returns {Verb}
 */
function verbOf(command) {
  return {
    name: command.name(),
    summary: command.description(),
    usage: command.usage(),
    options: command.options.map((/** @type {any} */ option) => ({
      flags: option.flags,
      summary: option.description + (option.argChoices ? ` (${option.argChoices.join(', ')})` : ''),
    })),
    verbs: command.commands.map(verbOf),
  };
}

/**
 * @param {Verb} verb
 * @param {string} path
 * @returns {string[]}
 */
function verbSections(verb, path) {
  const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|');
  const options = verb.options.map(({ flags, summary }) => `| \`${cell(flags)}\` | ${cell(summary)} |`);
  const table = options.length === 0 ? '' : `\n| option | |\n|---|---|\n${options.join('\n')}\n`;
  const own =
    verb.verbs.length > 0
      ? []
      : [`## ${path}\n\n${verb.summary}\n\n\`\`\`\n${path} ${verb.usage}\n\`\`\`\n${table}`];
  return [...own, ...verb.verbs.flatMap((one) => verbSections(one, `${path} ${one.name}`))];
}

/** @param {Verb} program */
function cliPage(program) {
  const globals = program.options.map(({ flags, summary }) => `| \`${flags}\` | ${summary} |`).join('\n');
  const exits = [
    ['0', 'done'],
    ['1', 'failed'],
    ['2', 'bad usage or bad input'],
    ['3', 'no host is running'],
    ['4', 'refused by policy, or the host is paused or locked down'],
    ['5', 'timed out'],
    ['6', 'not found'],
  ];
  const rows = exits.map(([number, meaning]) => `| ${number} | ${meaning} |`).join('\n');
  const intro = `# The command line\n\n${program.summary}\n\n| option of every verb | |\n|---|---|\n${globals}\n\n| exit code | |\n|---|---|\n${rows}\n`;
  return `${HEAD}\n${intro}\n${verbSections(program, program.name).join('\n')}`;
}

/**
 * What an editor needs to complete and check `signalbox.yaml`.
 * @param {unknown} schema
 * @param {(schema: unknown, options: object) => Schema} toJSONSchema
 */
function projectSchema(schema, toJSONSchema) {
  const { $schema, ...rest } = toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  });
  const comment =
    'Written by build/reference-docs.mjs (npm run docs). An editor with the YAML language server takes it from the ' +
    'first line of the file: # yaml-language-server: $schema=PATH/signalbox.schema.json, or from its settings: ' +
    '"yaml.schemas": { "PATH/signalbox.schema.json": ["signalbox.yaml", "agent-procs.yaml"] }.';
  return JSON.stringify({ $schema, $comment: comment, title: 'Project file of Signalbox', ...rest });
}

/** The pages as they should be, formatted like every other file. */
async function pages() {
  const { commands, createProgram, ProjectFile, toJSONSchema } = await loadSources();
  const program = createProgram({ stdout() {}, stderr() {}, terminal: false }, () => {});
  const { format } = createRequire(import.meta.url)('prettier');
  return {
    'docs/reference/commands.md': await format(commandsPage(commands, toJSONSchema), { parser: 'markdown' }),
    'docs/reference/cli.md': await format(cliPage(verbOf(program)), { parser: 'markdown' }),
    'docs/reference/signalbox.schema.json': await format(projectSchema(ProjectFile, toJSONSchema), {
      parser: 'json',
    }),
  };
}

async function main() {
  const check = process.argv.includes('--check');
  const stale = [];
  for (const [path, text] of Object.entries(await pages())) {
    const file = fromRoot(path);
    if (readText(file) === text) continue;
    stale.push(relative(ROOT, file));
    if (!check) writeAtomic(file, text);
  }
  if (check && stale.length > 0)
    throw new StepError(`${stale.join(', ')} is not what the code says`, { mend: 'npm run docs' });
  say(stale.length === 0 ? 'the reference is up to date' : `wrote ${stale.join(', ')}`);
}

try {
  await main();
} catch (error) {
  explain(error);
  process.exitCode = 1;
}
