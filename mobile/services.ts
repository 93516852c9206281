import Constants from 'expo-constants';
import { Platform } from 'react-native';
import * as z from 'zod';
import { createStartPairing } from './features/pairing/start-pairing.ts';
import type { StartPairing } from './features/pairing/pairing-flow.tsx';
import { t } from './texts/t.ts';
import { platformSchedule } from './host/dial.ts';
import { createHostBook } from './host/host-book.ts';
import { isInFront } from './host/in-front';
import { createLinkStore } from './host/link-store.ts';
import type { LinkStore } from './host/link-store.ts';
import { drawBytes } from './host/random.ts';
import { createDeviceStorage } from './host/storage';
import { openWebSocketPipe } from './host/web-socket-pipe.ts';

// zod would otherwise try to compile its checks, which the content policy of the page forbids.
z.config({ jitless: true });

export interface Services {
  readonly connection: LinkStore;
  readonly startPairing: StartPairing;
}

/** Everything that reaches the network or the disk, put together for this device. */
export function createServices(): Services {
  const { OS } = Platform;
  const storage = createDeviceStorage(t.approval.prompt);
  const dialling = { openPipe: openWebSocketPipe, random: drawBytes, schedule: platformSchedule };
  const now = (): number => Date.now();
  const book = createHostBook(storage.hosts);
  const connection = createLinkStore({ ...dialling, book, storage, texts: t, inFront: isInFront, now });
  const startPairing = createStartPairing({
    ...dialling,
    ...{ keys: storage.keys, now },
    platform: OS === 'ios' || OS === 'android' ? OS : 'web',
    app: `Signalbox ${Constants.expoConfig?.version ?? '0'}`,
    add: (record) => connection.add(record),
  });
  return { connection, startPairing };
}
