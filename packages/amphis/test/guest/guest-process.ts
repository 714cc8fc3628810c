import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

import { SharedMemory, type SharedMemoryOptions } from "../../src/memory/index.ts";
import { sharedMemory } from "../../src/transport/shared-memory/index.ts";
import type { Connection } from "../../src/transport/transport.ts";

const PROGRAM = fileURLToPath(new URL("guest.py", import.meta.url));

export interface GuestProcessOptions extends SharedMemoryOptions {
  readonly ringBytes?: number | undefined;
  readonly spillBytes?: number | undefined;
}

/** A Python process that runs `guest.py`, and what is between it and this one. */
export interface GuestProcess {
  readonly connection: Connection;
  readonly memory: SharedMemory;
  readonly process: ChildProcess;
}

/** Starts a Python process that shares memory with this one; it ends with the test. */
export async function startGuestProcess(options: GuestProcessOptions = {}): Promise<GuestProcess> {
  const { ringBytes, spillBytes, ...memoryOptions } = options;
  const folder = mkdtempSync(join(tmpdir(), "amphis-"));
  const memory = await SharedMemory.open(memoryOptions);
  const address = `shm:${folder}/guest.sock`;
  let accept: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const transport = sharedMemory({ memory, ringBytes, spillBytes });
  const listener = await transport.listen(address, (each) => accept(each));
  const child = spawn(process.env["AMPHIS_PYTHON"] ?? "python3", [PROGRAM, address], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await listener.close();
    memory.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`Cannot start guest: it ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  return { connection: await Promise.race([accepted, ended]), memory, process: child };
}
