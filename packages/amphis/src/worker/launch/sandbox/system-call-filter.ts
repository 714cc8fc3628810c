/*
 * The system calls that nothing in a sandbox may make, as a program for the kernel's filter (seccomp).
 *
 * They reach other processes, change what the sandbox is made of, or are so large that holes were found in them again and again. What is
 * refused answers EPERM, and `clone3` answers ENOSYS: its flags cannot be looked at, and the C library goes back to `clone`.
 */

/** A call by its numbers on x64 and arm64; undefined where there is none. */
type Call = readonly [x64: number | undefined, arm64: number | undefined];

const REFUSED: Readonly<Record<string, Call>> = {
  // Other processes
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  process_mrelease: [448, 448],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  // What the sandbox is made of
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  unshare: [272, 97],
  setns: [308, 268],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  name_to_handle_at: [303, 264],
  personality: [135, 92],
  // The kernel itself
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  create_module: [174, undefined],
  get_kernel_syms: [177, undefined],
  query_module: [178, undefined],
  fanotify_init: [300, 262],
  fanotify_mark: [301, 263],
  lookup_dcookie: [212, 18],
  syslog: [103, 116],
  // The machine
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  nfsservctl: [180, 42],
  vhangup: [153, 58],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
  sysfs: [139, undefined],
  _sysctl: [156, undefined],
};

const CLONE: Call = [56, 220];
const CLONE3: Call = [435, 435];
const IOCTL: Call = [16, 29];
const SOCKET: Call = [41, 198];
/** New namespaces, all of them. */
const NAMESPACE_FLAGS = 0x7e02_0080;
/** Input for a terminal, and the console: what somebody else would have typed. */
const TERMINAL_REQUESTS = [0x5412, 0x541c] as const;
/** Unix, IPv4, IPv6, routing: others, such as sockets to the host of a virtual machine, are not kept apart by namespaces. */
const FAMILIES = [1, 2, 10, 16] as const;

const MACHINES = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const OTHER_CALLS = 0x4000_0000;

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const ANSWER = 0x06;
const AT = { call: 0, machine: 4, first: 16, second: 24 } as const;

const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;
const EAFNOSUPPORT = 0x0005_0061;

type Step = readonly [code: number, then: number, otherwise: number, value: number];

/** Whether there is a filter for this kind of processor. */
export function hasFilter(machine: string): machine is keyof typeof MACHINES {
  return Object.hasOwn(MACHINES, machine);
}

/** The filter as the kernel takes it. */
export function systemCallFilter(machine: keyof typeof MACHINES): Uint8Array {
  const column = machine === "x64" ? 0 : 1;
  const steps: Step[] = [
    [LOAD, 0, 0, AT.machine],
    [IF_EQUAL, 1, 0, MACHINES[machine]],
    [ANSWER, 0, 0, KILL],
    [LOAD, 0, 0, AT.call],
  ];
  if (machine === "x64") steps.push([IF_AT_LEAST, 0, 1, OTHER_CALLS], [ANSWER, 0, 0, EPERM]);
  for (const call of Object.values(REFUSED)) {
    const number = call[column];
    if (number !== undefined) steps.push([IF_EQUAL, 0, 1, number], [ANSWER, 0, 0, EPERM]);
  }
  steps.push(
    [IF_EQUAL, 0, 1, CLONE3[column] ?? 0],
    [ANSWER, 0, 0, ENOSYS],
    ...within(CLONE[column], [
      [LOAD, 0, 0, AT.first],
      [IF_ANY_BIT, 0, 1, NAMESPACE_FLAGS],
      [ANSWER, 0, 0, EPERM],
    ]),
    ...within(IOCTL[column], [
      [LOAD, 0, 0, AT.second],
      ...TERMINAL_REQUESTS.flatMap((request): Step[] => [
        [IF_EQUAL, 0, 1, request],
        [ANSWER, 0, 0, EPERM],
      ]),
    ]),
    ...within(SOCKET[column], [
      [LOAD, 0, 0, AT.first],
      ...FAMILIES.map((family, index): Step => [IF_EQUAL, FAMILIES.length - index, 0, family]),
      [ANSWER, 0, 0, EAFNOSUPPORT],
    ]),
    [ANSWER, 0, 0, ALLOW],
  );
  return encoded(steps);
}

/** Steps for one call alone; who gets through them is allowed. */
function within(call: number | undefined, steps: readonly Step[]): readonly Step[] {
  return [[IF_EQUAL, 0, steps.length + 1, call ?? 0], ...steps, [ANSWER, 0, 0, ALLOW]];
}

function encoded(steps: readonly Step[]): Uint8Array {
  const bytes = Buffer.alloc(steps.length * 8);
  for (const [index, [code, then, otherwise, value]] of steps.entries()) {
    const at = index * 8;
    // Both processors have the low byte first.
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(then, at + 2);
    bytes.writeUInt8(otherwise, at + 3);
    bytes.writeUInt32LE(value, at + 4);
  }
  return bytes;
}
