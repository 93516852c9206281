// An agent that does not keep to the rules, for tests. Its first argument says in which way.
const [way = 'ends', seed = '1'] = process.argv.slice(2);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const update = (body) => send({ method: 'session/update', params: { sessionId: 's', update: body } });
const say = (text) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
const done = (id) => send({ id, result: { stopReason: 'end_turn' } });
let prompt = null;

const ways = {
  dies: () => process.kill(process.pid, 'SIGKILL'),
  exits: () => process.exit(3),
  // Its last words are on the way when it ends.
  answersAndExits(id) {
    done(id);
    process.stdout.end(() => process.exit(0));
  },
  silent: () => {},
  floods(id) {
    for (let i = 0; i < 20_000; i += 1) say(`line ${i} of many `);
    done(id);
  },
  late: () => {},
  malformed(id) {
    for (const line of [
      '{',
      'null',
      '[]',
      '[1]',
      '"x"',
      '{}',
      '{"jsonrpc":"2.0"}',
      '\u0000\u0001',
      '{"id":{}}',
    ])
      process.stdout.write(`${line}\n`);
    process.stdout.write(Buffer.from([0xff, 0xfe, 0x0a]));
    send({ id: 4711, result: {} });
    send({ id, method: 'session/nonsense', params: { sessionId: 's' } });
    update({ sessionUpdate: 'of_no_known_kind' });
    update({ sessionUpdate: 'tool_call' });
    update({ sessionUpdate: 'agent_message_chunk', content: 7 });
    send({ id: 'p', method: 'session/request_permission', params: { sessionId: 's' } });
    send({ id: 'q', method: 'fs/read_text_file', params: { sessionId: 's', path: '../../etc/passwd' } });
    send({ id: 'r', method: 'fs/write_text_file', params: { sessionId: 's', path: '/etc/x', content: 'x' } });
    send({ id: 't', method: 'terminal/create', params: { sessionId: 'other', command: 'id' } });
    done(id);
  },
  huge: () =>
    process.stdout.write(`{"jsonrpc":"2.0","method":"x","params":"${'x'.repeat(17 * 1024 * 1024)}"}\n`),
  large(id) {
    say('y'.repeat(9 * 1024 * 1024));
    done(id);
  },
  twice(id) {
    done(id);
    done(id);
  },
  children(id) {
    import('node:child_process').then(({ spawn }) => {
      spawn('sleep', ['300'], { stdio: 'ignore' });
      done(id);
    });
  },
  noise: (id) => {
    let state = Number(seed) || 1;
    const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
    const bytes = Buffer.alloc(4096 + (next() % 65_536));
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = next() >>> 24;
    process.stdout.write(bytes);
    process.stdout.write('\n');
    done(id);
  },
};

let held = '';
process.stdin.on('data', (chunk) => {
  const lines = (held + chunk).split('\n');
  held = lines.pop();
  for (const line of lines) if (line !== '') take(JSON.parse(line));
});
process.stdin.on('end', () => {
  if (way !== 'late') process.exit(0);
});

function take({ id, method }) {
  if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  else if (method === 'session/new') send({ id, result: { sessionId: 's' } });
  else if (method === 'session/prompt') {
    prompt = id;
    ways[way](id);
  } else if (method === 'session/cancel' && way === 'late') {
    // It goes on as if nothing had been said, and answers when nobody waits any more.
    say('still here');
    setTimeout(() => done(prompt), 200);
  }
}
