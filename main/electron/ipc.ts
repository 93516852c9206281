import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { HostError, type Reply } from '../../contract/errors.ts';
import { runInCall } from '../kernel/call-scope.ts';
import { ownerCaller } from '../kernel/caller.ts';
import type { Connection } from '../kernel/connection.ts';
import type { Host } from '../host-ports.ts';
import { plainInput } from './plain-input.ts';
import { createRateLimit } from './rate-limit.ts';
import { isOurPage } from './sender.ts';

const CALL = 'signalbox:call';
const MESSAGE = 'signalbox:message';
const LIMITS = { burst: 400, perSecond: 200 };

export interface Ipc {
  /** From now on the page in this window is the one that is heard, until it is gone. */
  attach(window: BrowserWindow): void;
}

/** The only file that names ipcMain: two channels, one page, the rights of the owner at the desktop. */
export function setupIpc(host: () => Pick<Host, 'call' | 'connect'> | null, monotonic: () => number): Ipc {
  const caller = ownerCaller('desktop');
  let pageId: number | null = null;
  let connection: Connection | null = null;
  /** Aborted when the page that calls is gone. */
  let page = new AbortController();

  function isHeard(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
    const frame = event.senderFrame;
    const sender = {
      contentsId: event.sender.id,
      frameUrl: frame?.url ?? null,
      isTopFrame: frame !== null && frame === event.sender.mainFrame,
    };
    return isOurPage(sender, pageId);
  }

  /** Every handler is made here: sender, rate, length and shape are judged before it runs. */
  function guarded(
    run: (args: readonly unknown[], event: IpcMainInvokeEvent | IpcMainEvent) => Promise<Reply>,
  ) {
    const allow = createRateLimit({ ...LIMITS, monotonic });
    return async (event: IpcMainInvokeEvent | IpcMainEvent, ...args: unknown[]): Promise<Reply> => {
      try {
        if (!isHeard(event)) throw new HostError('not_permitted', 'only the dashboard window is heard here');
        if (!allow()) throw new HostError('too_many', 'too many messages at once; slow down');
        return await run(args.slice(0, 2).map(plainInput), event);
      } catch (error) {
        if (error instanceof HostError) return { ok: false, error: error.toWire() };
        return { ok: false, error: { code: 'internal', message: 'the message could not be handled' } };
      }
    };
  }

  const onCall = guarded(async ([name, input]) => {
    const running = host();
    if (!running) throw new HostError('unavailable', 'the host is starting or stopping');
    if (typeof name !== 'string' || name.length > 64) {
      throw new HostError('invalid_input', 'a call names a command');
    }
    return runInCall(page.signal, () => running.call(caller, name, input, undefined));
  });

  const onMessage = guarded(async ([message], { sender }) => {
    connection ??=
      host()?.connect(caller, (answer) => {
        if (!sender.isDestroyed()) sender.send(MESSAGE, answer);
      }) ?? null;
    connection?.receive(message);
    return { ok: true, value: null };
  });

  function hangUp(): void {
    page.abort();
    page = new AbortController();
    connection?.close();
    connection = null;
  }

  ipcMain.handle(CALL, onCall);
  // A message has no answer of its own; one that was refused has left no trace but this.
  ipcMain.on(MESSAGE, (event, ...args: unknown[]) => void onMessage(event, ...args));

  return {
    attach({ webContents }) {
      hangUp();
      const id = webContents.id;
      pageId = id;
      const isCurrent = () => pageId === id;
      // A page that is loaded again starts from nothing: what its predecessor followed ends.
      webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument && isCurrent()) hangUp();
      });
      webContents.on('render-process-gone', () => {
        if (isCurrent()) hangUp();
      });
      webContents.once('destroyed', () => {
        if (!isCurrent()) return;
        hangUp();
        pageId = null;
      });
    },
  };
}
