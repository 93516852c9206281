/**
 * A seccomp filter as bubblewrap's `--seccomp` takes it: an array of `struct sock_filter`. It answers EPERM to system
 * calls that no build or test needs and that have opened many kernel holes. Pure; null where the numbers are unknown.
 */
export function buildSeccompFilter(arch: string): Buffer | null {
  const numbers = arch === 'x64' ? x64 : arch === 'arm64' ? arm64 : null;
  if (numbers === null) return null;
  const program: Instruction[] = [
    load(4), // seccomp_data.arch
    skipUnless(numbers.auditArch, 1, 0),
    answer(errorPermission), // another instruction set, whose numbers mean other calls
    load(0), // seccomp_data.nr
  ];
  // The x32 calls share the arch of x86-64 and carry bit 30.
  if (arch === 'x64') program.push({ code: 0x35, jt: 0, jf: 1, k: 0x40000000 }, answer(errorPermission));
  for (const number of numbers.refused) program.push(skipUnless(number, 0, 1), answer(errorPermission));
  program.push(skipUnless(numbers.socket, 0, 1 + 2 * refusedFamilies.length), load(16)); // first argument, low half
  for (const family of refusedFamilies) program.push(skipUnless(family, 0, 1), answer(errorPermission));
  program.push(answer(allow));
  return Buffer.concat(program.map(encode));
}

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const allow = 0x7fff0000;
const errorPermission = 0x00050001;
const familyVsock = 40;
const familyNetlink = 16;
const familyPacket = 17;
const refusedFamilies = [familyVsock, familyNetlink, familyPacket];

// In this order: io_uring_setup/enter/register, keyctl, add_key, request_key, bpf, perf_event_open, ptrace,
// process_vm_readv/writev, userfaultfd, mount, umount2, pivot_root, setns, unshare, kexec_load, init/finit/delete_module,
// open_by_handle_at, the new mount calls (428..433, 442), kcmp.
const x64 = {
  auditArch: 0xc000003e,
  socket: 41,
  refused: [
    ...[
      425, 426, 427, 250, 248, 249, 321, 298, 101, 310, 311, 323, 165, 166, 155, 308, 272, 246, 175, 313, 176,
      304,
    ],
    ...[428, 429, 430, 431, 432, 433, 442, 312],
  ],
};
const arm64 = {
  auditArch: 0xc00000b7,
  socket: 198,
  refused: [
    ...[
      425, 426, 427, 219, 217, 218, 280, 241, 117, 270, 271, 282, 40, 39, 41, 268, 97, 104, 105, 273, 106,
      265,
    ],
    ...[428, 429, 430, 431, 432, 433, 442, 272],
  ],
};

const load = (offset: number): Instruction => ({ code: 0x20, jt: 0, jf: 0, k: offset });
const skipUnless = (value: number, jt: number, jf: number): Instruction => ({ code: 0x15, jt, jf, k: value });
const answer = (value: number): Instruction => ({ code: 0x06, jt: 0, jf: 0, k: value });

function encode({ code, jt, jf, k }: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jt, 2);
  bytes.writeUInt8(jf, 3);
  bytes.writeUInt32LE(k, 4);
  return bytes;
}
