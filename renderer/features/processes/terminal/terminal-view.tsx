import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ManagedProcess } from '../../../../contract/supervisor.ts';
import { useFollow } from '../../../host/use-follow.ts';
import { useHost } from '../../../host/use-host.tsx';
import { appearanceStore } from '../../../shell/appearance.ts';
import { en } from '../../../texts/en.ts';
import { isLive } from '../../../ui/marks.ts';
import { Card } from '../../../ui/parts.tsx';
import { allowStyles } from './allow-styles.ts';
import { createTypeAhead } from './type-ahead.ts';

const t = en.terminal;
const SCROLLBACK = 10_000;
/** Where the picture begins when it is opened: what was printed before is in the log. */
const START = -262_144;

/** The terminal of a process: what it prints, and what is typed goes to it. */
export default function TerminalView({ process }: { process: ManagedProcess }) {
  const { client } = useHost();
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<Terminal | null>(null);
  const alive = isLive(process);
  const canType = useRef(alive);
  const [note, setNote] = useState('');
  const appearance = useStore(appearanceStore);
  const { name } = process;

  useEffect(() => {
    canType.current = alive;
  }, [alive]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const forbidStyles = allowStyles();
    const terminal = new Terminal({
      scrollback: SCROLLBACK,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--sb-font-code'),
      fontSize: 13,
      cursorBlink: false,
      screenReaderMode: true,
      // Control sequences of a program must not reach the clipboard or open anything.
      allowProposedApi: false,
      linkHandler: { activate: () => {}, allowNonHttpProtocols: false },
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(element);
    const type = createTypeAhead(
      async (text) => (await client.call('supervisor.type', { name, text })).ok,
      () => setNote(t.lost),
    );
    terminal.onData((text) => {
      setNote(canType.current ? '' : t.ended);
      if (canType.current) type(text);
    });
    terminal.onResize(({ cols, rows }) => {
      if (canType.current) void client.call('supervisor.resizeTerminal', { name, columns: cols, rows });
    });
    // Ctrl+Shift+C and Ctrl+Shift+V copy and paste; Tab would otherwise never leave the terminal.
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.type !== 'keydown') return true;
      if (event.ctrlKey && event.shiftKey && event.code === 'KeyC') {
        void navigator.clipboard.writeText(terminal.getSelection());
        return false;
      }
      return !(event.key === 'Escape' && event.shiftKey);
    });
    const observer = new ResizeObserver(() => fit.fit());
    observer.observe(element);
    shown.current = terminal;
    return () => {
      observer.disconnect();
      shown.current = null;
      terminal.dispose();
      forbidStyles();
    };
  }, [client, name]);

  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const colour = (property: string) => style.getPropertyValue(property).trim();
    if (shown.current)
      shown.current.options.theme = {
        background: colour('--sb-surface'),
        foreground: colour('--sb-text'),
        cursor: colour('--sb-accent'),
        selectionBackground: colour('--sb-border'),
      };
  }, [appearance]);

  useFollow({ kind: 'log', name, stream: 'stdout' }, START, {
    chunk(chunk, restarted) {
      if (restarted) shown.current?.reset();
      shown.current?.write(chunk.text);
    },
    ended: (reason) => setNote(t.noOutput(reason)),
  });

  return (
    <Card title={t.title(name)} flush actions={<span className="muted">{alive ? t.hint : t.ended}</span>}>
      <div ref={box} className="terminal-box" />
      <p role="status" className="muted terminal-note">
        {note}
      </p>
    </Card>
  );
}
