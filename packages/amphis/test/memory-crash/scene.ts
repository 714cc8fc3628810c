import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { SharedMemoryOptions } from "../../src/memory/index.ts";
import { PYTHON } from "./described.ts";
import { Host, type RingBytes } from "./host.ts";
import { Nursery } from "./nursery.ts";
import { collect, processesWith, type SystemUsage, systemUsage } from "./usage.ts";

/** Memory is back, and descriptors are, within this, whatever collection takes part in it. */
const SETTLE_MS = 20_000;

/** A host in this process and a nursery for its guests, which outlive every schedule of a file. */
export class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly host: Host;
  readonly nursery: Nursery;
  readonly #mark: string;
  readonly #sharedFiles: readonly string[] = readdirSync("/dev/shm");
  #before: SystemUsage = systemUsage();

  private constructor(folder: string, host: Host, nursery: Nursery, mark: string) {
    this.folder = folder;
    this.host = host;
    this.nursery = nursery;
    this.#mark = mark;
  }

  static async open(options: SharedMemoryOptions = {}): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), "amphis-crash-"));
    const nursery = Nursery.open(PYTHON, { ...process.env, AMPHIS_CRASH_FOLDER: folder });
    const host = await Host.open({
      maxBytes: 16_777_216,
      regionBytes: 4_194_304,
      waitMs: 10_000,
      ...options,
      folder,
    });
    const scene = new Scene(folder, host, nursery, `AMPHIS_CRASH_FOLDER=${folder}`);
    await scene.#warmUp();
    return scene;
  }

  address(ringBytes: RingBytes): string {
    return Host.address(this.folder, ringBytes);
  }

  /** What `holdings` are when everything is back that was ever taken. */
  get nothing(): Readonly<Record<string, unknown>> {
    const { doorbells, sockets } = this.#before;
    const counts = { leases: 0, usedBytes: 0, waiting: 0, holders: [], guests: [], connections: 0 };
    return { ...counts, memory: 0, mapped: 0, doorbells, sockets };
  }

  /** Waits until everything is back, and no longer than it may take. @returns the holdings then */
  async settled(): Promise<Readonly<Record<string, unknown>>> {
    const deadline = performance.now() + SETTLE_MS;
    const nothing = JSON.stringify(this.nothing);
    while (JSON.stringify(this.holdings()) !== nothing && performance.now() < deadline) {
      await collect();
    }
    return this.holdings();
  }

  /** What has to be as it was before. */
  holdings(): Readonly<Record<string, unknown>> {
    const { arena, guests } = this.host.memory.figures();
    const { leases, usedBytes, waiting, regions } = arena;
    const holders = arena.holders.filter((holder) => holder.leases + holder.usedBytes > 0);
    const { memory, mapped, doorbells, sockets } = systemUsage();
    const { connections } = this.host;
    const system = { memory: memory - regions, mapped: mapped - regions, doorbells, sockets };
    return { leases, usedBytes, waiting, holders, guests, connections, ...system };
  }

  /** Processes, and files in shared memory, that are left of what was done; others may have files for a moment. */
  async orphans(): Promise<readonly unknown[]> {
    const deadline = performance.now() + SETTLE_MS;
    while (this.#orphans().length > 0 && performance.now() < deadline) await collect();
    return this.#orphans();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
    await this.nursery[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #orphans(): readonly unknown[] {
    const processes = processesWith(this.#mark).filter((pid) => pid !== this.nursery.pid);
    const files = readdirSync("/dev/shm").filter((name) => !this.#sharedFiles.includes(name));
    return [...processes, ...files];
  }

  /** What a process opens with its first guest and keeps is not counted. */
  async #warmUp(): Promise<void> {
    const guest = await this.nursery.start({ addresses: [this.address(16_384)] });
    const session = await this.host.session(guest.pid, guest.ended);
    await session?.connection.close();
    await guest.ended;
    await collect();
    this.#before = systemUsage();
  }
}

/** Lets the event loop go round so often. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
}

/** Fails what takes longer than anything may; says what it was. */
export async function within<T>(ms: number, what: () => string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It hangs: ${what()}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
