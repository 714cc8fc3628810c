import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { WorkerSpec } from "../launcher.ts";
import { bubblewrapArguments } from "./bubblewrap-arguments.ts";
import { interpreterFolders } from "./interpreter-folders.ts";
import { hasFilter, systemCallFilter } from "./system-call-filter.ts";

/** Program that makes sandboxes; `AMPHIS_BWRAP` names another. */
export function bubblewrap(): string {
  return process.env["AMPHIS_BWRAP"] ?? "bwrap";
}

/** How an interpreter is started in a sandbox. */
export class Sandbox {
  readonly #spec: WorkerSpec;
  readonly #interpreter: readonly string[];
  readonly #native: string;
  private constructor(spec: WorkerSpec, interpreter: readonly string[], native: string) {
    this.#spec = spec;
    this.#interpreter = interpreter;
    this.#native = native;
  }

  /** @param native folder of the native core */
  static async prepare(spec: WorkerSpec, native: string): Promise<Sandbox> {
    return new Sandbox(spec, await interpreterFolders(spec), native);
  }

  /**
   * What is run in place of a command.
   *
   * @param filter descriptor that the child finds the filter at
   */
  wrap(
    command: string,
    args: readonly string[],
    filter: number,
  ): { readonly command: string; readonly args: readonly string[] } {
    const request = {
      spec: this.#spec,
      interpreter: this.#interpreter,
      native: this.#native,
      filter,
    };
    return {
      command: bubblewrap(),
      args: [...bubblewrapArguments(request), command, ...args],
    };
  }
}

/** A descriptor from which the filter for system calls is read, once; the caller closes it. */
function openFilter(): number {
  const machine = process.arch;
  if (!hasFilter(machine)) throw new TypeError(`Cannot filter system calls of ${machine}`);
  const folder = mkdtempSync(join(tmpdir(), "amphis-filter-"));
  try {
    const file = join(folder, "filter");
    writeFileSync(file, systemCallFilter(machine), { mode: 0o600 });
    return openSync(file, "r");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Does something with a filter, which is closed after that. */
export function withFilter<T>(act: (descriptor: number) => T): T {
  const descriptor = openFilter();
  try {
    return act(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
