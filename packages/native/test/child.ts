import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { build } from "vite";

import { buildFolder } from "../src/place.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PYTHON_SOURCES = join(ROOT, "python/src");

/** A process that has descriptors from 3 on; what it prints, and how it ends. */
export class Child implements Disposable {
  readonly process: ChildProcess;
  readonly #out: Promise<string>;
  readonly #ended: Promise<unknown[]>;

  constructor(command: readonly string[], descriptors: readonly number[], core = buildFolder()) {
    const [program = "", ...rest] = command;
    this.process = spawn(program, rest, {
      stdio: ["pipe", "pipe", "inherit", ...descriptors],
      env: { ...process.env, PYTHONPATH: PYTHON_SOURCES, AMPHIS_NATIVE: core },
    });
    const { stdout } = this.process;
    this.#out = stdout === null ? Promise.resolve("") : text(stdout);
    this.#ended = once(this.process, "close");
  }

  /** All that it printed, once it has ended well. */
  async output(): Promise<string> {
    const [code, signal] = await this.#ended;
    const out = await this.#out;
    if (code !== 0) throw new Error(`The child ended with ${String(signal ?? code)}: ${out}`);
    return out;
  }

  [Symbol.dispose](): void {
    this.process.kill("SIGKILL");
  }
}

/** Programs of `programs/`, made ready for Node in a folder that goes with the tests. */
export class Programs implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "amphis-native-"));

  async node(name: string): Promise<string[]> {
    await build({
      configFile: false,
      logLevel: "error",
      root: ROOT,
      resolve: { alias: { "@amphis/protocol": join(ROOT, "packages/protocol/src/index.ts") } },
      ssr: { noExternal: true },
      build: {
        ssr: programPath(`${name}.ts`),
        outDir: this.#folder,
        emptyOutDir: false,
        target: "node20",
        rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
      },
    });
    return [process.execPath, join(this.#folder, `${name}.mjs`), buildFolder()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true });
  }
}

export function programPath(file: string): string {
  return fileURLToPath(new URL(`programs/${file}`, import.meta.url));
}
