/** Entry: the demo agent on stdin and stdout. It ends with its client. */
import { Readable, Writable } from 'node:stream';
import { ndJsonStream } from '@agentclientprotocol/sdk';
import { createDemoAgent } from './demo-app.ts';

const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
const output = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>;
const connection = createDemoAgent({ now: () => Date.now() }).connect(ndJsonStream(output, input));
void connection.closed.then(() => process.exit(0));
