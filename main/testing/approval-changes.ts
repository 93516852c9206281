import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sha256Hex } from '../../contract/action.ts';
import type { BridgeModes } from '../../contract/bridge.ts';
import type { TestBridge } from '../services/bridge/fakes.ts';

type Bridge = TestBridge & { breakSandbox(): void };

interface Change {
  readonly name: string;
  readonly tool: 'bridge.bash' | 'bridge.write' | 'bridge.edit';
  readonly input: Record<string, unknown> | ((bridge: Bridge) => Record<string, unknown>);
  readonly before?: (bridge: Bridge) => void;
  readonly change: (bridge: Bridge) => void;
  /** After the comparison and before the start: what a last look must see. */
  readonly late?: boolean;
}

export const at = (bridge: TestBridge, path: string): string => join(bridge.folder, path);
const SCRIPT = '#!/bin/sh\necho ran > PWN\n';
const OTHER = '#!/bin/sh\necho evil > PWN\n';

function program(bridge: TestBridge, path: string, text = SCRIPT): void {
  bridge.put(path, text);
  chmodSync(at(bridge, path), 0o755);
}

/** The folder of the workspace becomes another one with the same things in it. */
function swapRoot(bridge: TestBridge): void {
  renameSync(bridge.folder, `${bridge.folder}-old`);
  execFileSync('cp', ['-a', `${bridge.folder}-old`, bridge.folder]);
}

const runTool = { tool: 'bridge.bash', input: { command: './bin/tool' } } as const;
export const withTool = { ...runTool, before: (bridge: TestBridge) => program(bridge, 'bin/tool') };
const gitStatus = {
  tool: 'bridge.bash',
  input: { command: 'git status' },
  before: (bridge: TestBridge) => {
    bridge.git('init', '-q');
    bridge.git('config', 'filter.first.clean', 'cat');
  },
} as const;
export const newFile = {
  tool: 'bridge.write',
  input: { path: 'dir/new.txt', text: 'new', baseSha256: null },
} as const;
export const overwrite = {
  tool: 'bridge.write',
  before: (bridge: TestBridge) => bridge.put('dir/a.txt', 'one\ntwo\n'),
  input: { path: 'dir/a.txt', text: 'new', baseSha256: sha256Hex('one\ntwo\n') },
} as const;
export const edit = {
  tool: 'bridge.edit',
  before: (bridge: TestBridge) => bridge.put('dir/a.txt', 'one\ntwo\n'),
  input: { path: 'dir/a.txt', oldText: 'two', newText: 'new', baseSha256: sha256Hex('one\ntwo\n') },
} as const;

export const changes: Change[] = [
  // The program
  { ...withTool, name: 'the program is rewritten in place', change: (b) => program(b, 'bin/tool', OTHER) },
  {
    ...withTool,
    name: 'the program is rewritten with its size and times put back',
    change(b) {
      const { atime, mtime } = statSync(at(b, 'bin/tool'));
      program(b, 'bin/tool', SCRIPT.replace('ran', 'RAN'));
      utimesSync(at(b, 'bin/tool'), atime, mtime);
    },
  },
  {
    ...withTool,
    name: 'another program is renamed over it',
    change(b) {
      program(b, 'bin/other', OTHER);
      renameSync(at(b, 'bin/other'), at(b, 'bin/tool'));
    },
  },
  {
    ...withTool,
    name: 'one byte is added to the program',
    change: (b) => appendFileSync(at(b, 'bin/tool'), '\n'),
  },
  { ...withTool, name: 'the program is emptied', change: (b) => truncateSync(at(b, 'bin/tool')) },
  { ...withTool, name: 'the program is deleted', change: (b) => rmSync(at(b, 'bin/tool')) },
  {
    ...withTool,
    name: 'the program becomes a folder',
    change(b) {
      rmSync(at(b, 'bin/tool'));
      mkdirSync(at(b, 'bin/tool'));
    },
  },
  {
    ...withTool,
    name: 'the program becomes a link to a program of the system',
    change(b) {
      rmSync(at(b, 'bin/tool'));
      symlinkSync('/bin/true', at(b, 'bin/tool'));
    },
  },
  {
    ...withTool,
    name: 'the program becomes another name of another one',
    change(b) {
      program(b, 'bin/other', OTHER);
      rmSync(at(b, 'bin/tool'));
      linkSync(at(b, 'bin/other'), at(b, 'bin/tool'));
    },
  },
  {
    ...runTool,
    name: 'the link that the program is gets another target',
    before(b) {
      program(b, 'v1');
      program(b, 'v2', OTHER);
      mkdirSync(at(b, 'bin'));
      symlinkSync('../v1', at(b, 'bin/tool'));
    },
    change(b) {
      rmSync(at(b, 'bin/tool'));
      symlinkSync('../v2', at(b, 'bin/tool'));
    },
  },
  {
    ...runTool,
    name: 'the folder of the program is shadowed by another version of it',
    before(b) {
      program(b, 'v1/tool');
      program(b, 'v2/tool', OTHER);
      symlinkSync('v1', at(b, 'bin'));
    },
    change(b) {
      rmSync(at(b, 'bin'));
      symlinkSync('v2', at(b, 'bin'));
    },
  },
  {
    ...withTool,
    name: 'the folder of the program is renamed and another put in its place',
    change(b) {
      renameSync(at(b, 'bin'), at(b, 'old'));
      program(b, 'bin/tool', OTHER);
    },
  },
  {
    ...withTool,
    late: true,
    name: 'the program is rewritten at the last moment',
    change: (b) => program(b, 'bin/tool', OTHER),
  },
  {
    ...withTool,
    late: true,
    name: 'another program is renamed over it at the last moment',
    change(b) {
      program(b, 'bin/other', OTHER);
      renameSync(at(b, 'bin/other'), at(b, 'bin/tool'));
    },
  },
  // The working directory, which is the workspace
  { ...withTool, name: 'the workspace is renamed and a copy put in its place', change: swapRoot },
  { ...withTool, name: 'the workspace is renamed', change: (b) => renameSync(b.folder, `${b.folder}-old`) },
  {
    ...withTool,
    name: 'the workspace becomes a link to where it was moved',
    change(b) {
      renameSync(b.folder, `${b.folder}-old`);
      symlinkSync(`${b.folder}-old`, b.folder);
    },
  },
  {
    ...withTool,
    name: 'the workspace becomes a file',
    change(b) {
      renameSync(b.folder, `${b.folder}-old`);
      writeFileSync(b.folder, '');
    },
  },
  { ...withTool, late: true, name: 'the workspace is swapped at the last moment', change: swapRoot },
  // The environment: that of git is made from the names in the configuration of the repository
  { ...gitStatus, name: 'a variable is added', change: (b) => b.git('config', 'filter.second.clean', 'cat') },
  {
    ...gitStatus,
    name: 'a variable is removed',
    change: (b) => b.git('config', '--unset', 'filter.first.clean'),
  },
  {
    ...gitStatus,
    name: 'a variable has another value',
    change: (b) => b.git('config', '--rename-section', 'filter.first', 'filter.other'),
  },
  // What the words name
  {
    tool: 'bridge.bash',
    name: 'a word that named nothing now names a file',
    input: { command: 'touch PWN' },
    change: (b) => b.put('PWN', 'mine'),
  },
  {
    tool: 'bridge.bash',
    name: 'a word names a file no more',
    before: (b) => b.put('a.txt', 'x'),
    input: { command: 'touch a.txt PWN' },
    change: (b) => rmSync(at(b, 'a.txt')),
  },
  {
    tool: 'bridge.bash',
    name: 'a word now names a link that leads out',
    before: (b) => b.put('a.txt', 'x'),
    input: { command: 'touch a.txt PWN' },
    change(b) {
      rmSync(at(b, 'a.txt'));
      symlinkSync('/etc/hostname', at(b, 'a.txt'));
    },
  },
  // Mode and sandbox
  {
    ...withTool,
    name: 'only reading commands are allowed any more',
    change: (b) => setModes(b, { bash: 'safe' }),
  },
  { ...withTool, name: 'commands are switched off', change: (b) => setModes(b, { bash: 'off' }) },
  { ...withTool, name: 'the sandbox does not work any more', change: (b) => b.breakSandbox() },
  // The file that is written
  { ...overwrite, name: 'the file has other content', change: (b) => b.put('dir/a.txt', 'theirs') },
  {
    ...overwrite,
    name: 'the file has other content of the same size and age',
    change(b) {
      const { atime, mtime } = statSync(at(b, 'dir/a.txt'));
      b.put('dir/a.txt', 'one\nTWO\n');
      utimesSync(at(b, 'dir/a.txt'), atime, mtime);
    },
  },
  { ...overwrite, name: 'the file is deleted', change: (b) => rmSync(at(b, 'dir/a.txt')) },
  { ...newFile, name: 'the new file exists already', change: (b) => b.put('dir/new.txt', 'theirs') },
  {
    ...overwrite,
    name: 'the file becomes a link to one beside it',
    change(b) {
      b.put('dir/b.txt', 'one\ntwo\n');
      rmSync(at(b, 'dir/a.txt'));
      symlinkSync('b.txt', at(b, 'dir/a.txt'));
    },
  },
  {
    ...overwrite,
    name: 'the file becomes a second name of one outside',
    change(b) {
      writeFileSync(join(b.outside, 'out.txt'), 'one\ntwo\n');
      rmSync(at(b, 'dir/a.txt'));
      linkSync(join(b.outside, 'out.txt'), at(b, 'dir/a.txt'));
    },
  },
  {
    ...overwrite,
    name: 'the file becomes a folder',
    change(b) {
      rmSync(at(b, 'dir/a.txt'));
      mkdirSync(at(b, 'dir/a.txt'));
    },
  },
  {
    ...overwrite,
    name: 'the folder becomes a link that leads out',
    change(b) {
      renameSync(at(b, 'dir'), join(b.outside, 'dir'));
      symlinkSync(join(b.outside, 'dir'), at(b, 'dir'));
    },
  },
  { ...edit, name: 'the text around the edit is changed', change: (b) => b.put('dir/a.txt', 'ONE\ntwo\n') },
  { ...edit, name: 'the line endings are changed', change: (b) => b.put('dir/a.txt', 'one\r\ntwo\r\n') },
  { ...edit, name: 'writing is switched off', change: (b) => setModes(b, { write: 'off' }) },
  {
    ...overwrite,
    late: true,
    name: 'the file is changed at the last moment',
    change: (b) => b.put('dir/a.txt', 'theirs'),
  },
];

function setModes(bridge: TestBridge, patch: Partial<BridgeModes>): void {
  bridge.modes = { ...bridge.modes, ...patch };
}
