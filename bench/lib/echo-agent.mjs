// An agent that says everything back: {"id":…,"params":{"d":"…"}} becomes {"id":…,"result":{"d":"…"}}. It looks for the
// places in the bytes and parses nothing but `initialize`, so that what is measured is the way and not its end.
const head = Buffer.from('{"jsonrpc":"2.0","id":');
const middle = Buffer.from(',"result":{"d":"');
const tail = Buffer.from('"}}\n');
const greeting = {
  protocolVersion: 1,
  capabilities: {},
  agentCapabilities: {},
  serverInfo: { name: 'echo', version: '0' },
};

/** @param {Buffer} line */
function answer(line) {
  const id = line.indexOf('"id":') + 5;
  const data = line.indexOf('"d":"') + 5;
  if (data < 5) {
    const { id: own } = JSON.parse(line.toString());
    return own === undefined
      ? []
      : [Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id: own, result: greeting })}\n`)];
  }
  return [
    head,
    line.subarray(id, line.indexOf(',', id)),
    middle,
    line.subarray(data, line.lastIndexOf('"')),
    tail,
  ];
}

/** @type {Buffer[]} */
let held = [];
process.stdin.on('data', (/** @type {Buffer} */ chunk) => {
  /** @type {Buffer[]} */
  const out = [];
  let start = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
    held.push(chunk.subarray(start, end));
    const line = held.length === 1 ? chunk.subarray(start, end) : Buffer.concat(held);
    held = [];
    start = end + 1;
    if (line.length > 0) out.push(...answer(line));
  }
  if (start < chunk.length) held.push(chunk.subarray(start));
  if (out.length > 0) process.stdout.write(Buffer.concat(out));
});
process.stdin.on('end', () => process.exit());
