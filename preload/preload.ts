import { contextBridge, ipcRenderer } from 'electron';
import type { Reply } from '../contract/errors.ts';
import type { HostMessage } from '../contract/wire.ts';
import { buildApi } from './api.ts';

const api = buildApi({
  invoke: (name, input) => ipcRenderer.invoke('signalbox:call', name, input) as Promise<Reply>,
  send: (message) => ipcRenderer.send('signalbox:message', message),
  onMessage: (listener) =>
    void ipcRenderer.on('signalbox:message', (_event, message) => listener(message as HostMessage)),
});
contextBridge.exposeInMainWorld('signalbox', api);
