// For tests: a record of a paired host.
import { noDealings } from './host-record.ts';
import type { PairedHost } from './host-record.ts';

export const record: PairedHost = {
  hostId: 'h1',
  keyId: 'k1',
  name: 'studio-mac',
  hostPublicKey: new Uint8Array(32).fill(1),
  deviceId: 'd1',
  devicePsk: new Uint8Array(32).fill(2),
  addresses: ['box.example', '192.168.1.20:4400'],
  tunnelAddress: null,
  scope: 'approve',
  counter: 0,
  dealings: noDealings,
  heardAt: null,
  pairedAt: 1_700_000_000_000,
};
