import { useEffect, useId, useMemo, useState } from 'react';
import { createStore } from 'zustand/vanilla';
import { useStore } from 'zustand';
import { useHost, useHostState, type HostContextValue } from '../host/use-host.tsx';
import type { HostState } from '../../contract/host-state.ts';
import { en } from '../texts/en.ts';
import { Dialog } from '../ui/dialog.tsx';
import { isLive } from '../ui/marks.ts';
import { matching, type PaletteEntry } from './palette-model.ts';
import { goTo, screens } from './route.ts';

const openStore = createStore<{ open: boolean }>(() => ({ open: false }));
export const openPalette = (): void => openStore.setState({ open: true });
const close = () => openStore.setState({ open: false });

/** Listens for Ctrl/Cmd+K and shows the palette over whatever screen is there. */
export function PaletteHost() {
  const open = useStore(openStore, (state) => state.open);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        (event.ctrlKey || event.metaKey) &&
        !event.altKey &&
        !event.shiftKey &&
        event.key.toLowerCase() === 'k'
      ) {
        event.preventDefault();
        openStore.setState(({ open: was }) => ({ open: !was }));
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return open ? <Palette /> : null;
}

function Palette() {
  const host = useHost();
  const state = useHostState((all) => all);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const entries = useMemo(() => entriesFor(host, state), [host, state]);
  const found = matching(entries, typed);
  const active = Math.min(chosen, found.length - 1);

  function run(entry: PaletteEntry | undefined): void {
    if (!entry) return;
    close();
    entry.run();
  }
  function onKeyDown(event: React.KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen(Math.max(0, Math.min(found.length - 1, active + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[active]);
    }
  }
  return (
    <Dialog title={en.palette.title} onClose={close}>
      <input
        className="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found[active] ? `${listId}-${found[active].id}` : undefined}
        aria-label={en.palette.title}
        placeholder={en.palette.placeholder}
        data-autofocus
        value={typed}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
      />
      <ul className="palette-list" role="listbox" id={listId} aria-label={en.palette.title}>
        {found.map((entry, i) => (
          <li
            key={entry.id}
            id={`${listId}-${entry.id}`}
            role="option"
            aria-selected={i === active}
            ref={i === active ? (item) => item?.scrollIntoView({ block: 'nearest' }) : undefined}
            onClick={() => run(entry)}
          >
            <span>{entry.title}</span>
            <span className="muted">{entry.group}</span>
          </li>
        ))}
        {found.length === 0 && <li className="muted">{en.palette.none}</li>}
      </ul>
    </Dialog>
  );
}

function entriesFor({ actions }: HostContextValue, state: HostState): PaletteEntry[] {
  const screenEntries = screens.map((screen) => ({
    id: `screen-${screen}`,
    title: en.screens[screen],
    group: en.palette.screen,
    run: () => goTo(screen),
  }));
  const go = (id: string, title: string, run: () => void) => ({ id, title, group: en.palette.begin, run });
  const { mode } = state.host;
  return [
    ...screenEntries,
    go('new-task', en.tasks.create, () => goTo('tasks', '_new')),
    go('agents', en.agents.list, () => goTo('agents')),
    go('sessions', en.sessions.list, () => goTo('sessions')),
    go('add-agent', en.agents.add, () => goTo('agents', '_add')),
    go('new-process', en.processes.create, () => goTo('processes', '_new')),
    go('pair', en.devices.pair, () => goTo('devices', '_pair')),
    go('new-token', en.bridge.createToken, () => goTo('bridge', '_token')),
    go('open-tunnel', en.tunnels.open, () => goTo('tunnels', '_open')),
    ...hostEntries(actions, mode),
    ...processEntries(actions, state),
  ];
}

function hostEntries(actions: HostContextValue['actions'], mode: HostState['host']['mode']): PaletteEntry[] {
  const group = en.palette.host;
  const pause = {
    id: 'pause',
    title: en.mode.pause,
    group,
    run: () =>
      void actions.run('host.pause', 'host.pause', {}, { what: en.mode.pause, done: en.mode.pausedDone }),
  };
  const resume = {
    id: 'resume',
    title: en.mode.resume,
    group,
    run: () =>
      void actions.run('host.resume', 'host.resume', {}, { what: en.mode.resume, done: en.mode.resumed }),
  };
  const lock = {
    id: 'lock',
    title: en.mode.lockDown,
    group,
    run: () =>
      void actions.run(
        'host.lockDown',
        'host.lockDown',
        {},
        { what: en.mode.lockDown, done: en.mode.lockedDownDone },
      ),
  };
  return [...(mode === 'running' ? [pause] : [resume]), ...(mode === 'locked-down' ? [] : [lock])];
}

function processEntries(actions: HostContextValue['actions'], state: HostState): PaletteEntry[] {
  return Object.values(state.processes).flatMap((process) => {
    const verbs = isLive(process) ? (['stop', 'restart'] as const) : (['start'] as const);
    return verbs.map((verb) => ({
      id: `${verb}-${process.name}`,
      title: `${en.processes.verbs[verb]} ${process.name}`,
      group: en.screens.processes,
      run: () =>
        void actions.run(
          `process.${process.name}`,
          `supervisor.${verb}`,
          { name: process.name },
          {
            what: `${en.processes.verbs[verb]} ${process.name}`,
          },
        ),
    }));
  });
}
