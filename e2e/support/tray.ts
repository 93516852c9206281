import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export interface MenuNode {
  readonly id: number;
  readonly label: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly toggleType: string;
  readonly checked: boolean;
  readonly children: readonly MenuNode[];
}

/** A panel that has no picture: what a person sees and clicks in the tray, over the bus. */
export interface Panel {
  items(): Promise<readonly string[]>;
  menu(): Promise<readonly MenuNode[]>;
  /** The entry at the end of this path of labels. Ids change with every rebuild, so it is looked up each time. */
  entry(...path: string[]): Promise<MenuNode>;
  /** Clicks the entry at the end of this path, as soon as there is one that can be clicked. */
  click(...path: string[]): Promise<void>;
  activate(): Promise<void>;
  icon(): Promise<{ width: number; height: number; argb: string }>;
  tooltip(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts the panel; must happen before the app starts, as Electron asks for one only once. */
export async function startPanel(): Promise<Panel> {
  // The system's Python: the bindings are Debian packages, which another Python does not see.
  const child = spawn('/usr/bin/python3', [fileURLToPath(new URL('status-notifier.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { event?: string; id?: number; ok?: unknown; error?: string };
      if (answer.event === 'ready') return resolve();
      const call = waiting.get(answer.id ?? -1);
      waiting.delete(answer.id ?? -1);
      if (answer.error === undefined) call?.resolve(answer.ok);
      else call?.reject(new Error(answer.error));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the panel ended with code ${String(code)}`)));
  });
  await ready;

  const ask = <T>(what: string, more: object = {}) =>
    new Promise<T>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      child.stdin.write(`${JSON.stringify({ id, do: what, ...more })}\n`);
    });

  const menu = () => ask<readonly MenuNode[]>('menu');
  async function entry(...path: string[]): Promise<MenuNode> {
    let nodes = await menu();
    let found: MenuNode | undefined;
    for (const label of path) {
      // "_" marks a key in this protocol, and a doubled one stands for itself.
      found = nodes.find((node) => node.label.replaceAll('__', '_') === label);
      if (!found) throw new Error(`no "${label}" among: ${nodes.map((node) => node.label).join(' | ')}`);
      nodes = found.children;
    }
    if (!found) throw new Error('a path names at least one entry');
    return found;
  }

  return {
    items: () => ask('items'),
    menu,
    entry,
    async click(...path) {
      const found = await until(`"${path.join(' > ')}" can be clicked`, async () => {
        const one = await entry(...path);
        return one.enabled && one;
      });
      await ask('click', { item: found.id });
    },
    activate: () => ask('activate'),
    icon: () => ask('icon'),
    tooltip: () => ask('tooltip'),
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
