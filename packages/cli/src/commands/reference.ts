import { relative } from "node:path";

import { openPython, type Python } from "amphis";
import {
  type Example,
  EXAMPLE_FUNCTION,
  exampleArguments,
  serveReference,
  writeReference,
  type WrittenReference,
} from "amphis/library";

import type { ReferenceFlags } from "../flags.ts";
import type { Place } from "../places.ts";
import { declaredLibraries, Project } from "../project.ts";
import { json, PROCESS_TERMINAL, styled, type Terminal } from "../terminal.ts";

/** `amphis reference`: writes a reference site, and serves it where that is asked for until it is interrupted. */
export async function reference(
  named: readonly string[],
  flags: ReferenceFlags,
  terminal: Terminal,
): Promise<void> {
  const { out, types, python, environment, serve = false, json: asJson = false } = flags;
  const port = typeof serve === "string" ? portOf(serve) : 0;
  const project = await Project.open("write reference", { python, environment }, terminal);
  const places = placesOf(project, named, await declaredLibraries(types));
  const models = await project.describe(places);
  const line = progressLine(terminal);
  const written = await writeReference(models, {
    folder: out,
    onProgress: ({ library, pages, total }) => line.show(`${pages} of ${total} pages: ${library}`),
  }).finally(() => line.clear());
  tell(written, asJson, terminal);
  if (serve === false) return;
  await using runner = new Runner(python, poolsOf(project, places));
  await serveUntilStopped(written, port, runner, terminal);
}

/** What is named; else what is configured, and what has types. */
function placesOf(
  project: Project,
  named: readonly string[],
  declared: readonly string[],
): readonly Place[] {
  const configured = project.libraries.map(({ name }) => name);
  const names = named.length > 0 ? named : [...configured, ...declared];
  const places = new Map<string, Place>();
  for (const name of names) {
    const { place } = project.placed(name);
    const before = places.get(place.module);
    if (before !== undefined && before.environment !== place.environment) {
      throw new TypeError(
        `Cannot write reference: ${place.module} is in the environments ${before.environment} and ${place.environment}; choose one with --environment`,
      );
    }
    places.set(place.module, place);
  }
  if (places.size === 0) {
    throw new TypeError(
      "Cannot write reference: name libraries, as in `amphis reference numpy`, or configure them in amphis.config.ts",
    );
  }
  return [...places.values()].toSorted((a, b) => (a.module < b.module ? -1 : 1));
}

/** The pools whose workers have the libraries. */
function poolsOf(project: Project, places: readonly Place[]): ReadonlyMap<string, string> {
  const pools = new Map<string, string>();
  const environments = project.loaded?.environments() ?? [];
  for (const place of places) {
    const own = environments.find(({ name }) => name === place.environment)?.pools[0];
    const pool = project.configured(place)?.pool ?? own;
    if (pool !== undefined) pools.set(place.module, pool);
  }
  return pools;
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== "") return port;
  throw new RangeError(`Cannot serve reference: --serve takes a port from 0 to 65535, not ${text}`);
}

function tell(written: WrittenReference, asJson: boolean, terminal: Terminal): void {
  const { folder, pages, bytes, removed, examples } = written;
  if (asJson) {
    terminal.write(json({ folder, pages, bytes, examples: examples.size, removed }));
    return;
  }
  const place = relative(process.cwd(), folder) || ".";
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  terminal.write(`${styled(terminal, "bold", place)} has the reference: ${pages} pages, ${size}\n`);
}

/** What is being done, in a line that is written over; only where people look at it. */
function progressLine(terminal: Terminal): { show(text: string): void; clear(): void } {
  const isShown = terminal === PROCESS_TERMINAL && process.stderr.isTTY === true;
  const write = (text: string): void => {
    if (isShown) terminal.tell(`\r${text.slice(0, (process.stderr.columns || 80) - 1)}\u001B[K`);
  };
  return { show: write, clear: () => write("") };
}

async function serveUntilStopped(
  written: WrittenReference,
  port: number,
  runner: Runner,
  terminal: Terminal,
): Promise<void> {
  const stopped = interrupted();
  await using server = await serveReference(written, {
    port,
    run: (example, signal) => runner.run(example, signal),
  });
  terminal.write(`${server.url}\n`);
  const hint = "Open it in a browser of this machine. Ctrl+C stops it.";
  terminal.tell(`${styled(terminal, "dim", hint)}\n`);
  await stopped;
}

/** Settles at the first signal that asks this process to end; the next one ends it. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}

/** Runs examples in the workers of the project, each in one of its own: what it leaves behind is gone with that. */
class Runner implements AsyncDisposable {
  readonly #python: string | undefined;
  readonly #pools: ReadonlyMap<string, string>;
  #opened: Promise<Python> | undefined;

  constructor(python: string | undefined, pools: ReadonlyMap<string, string>) {
    this.#python = python;
    this.#pools = pools;
  }

  async run(example: Example, signal: AbortSignal): Promise<unknown> {
    const python = await this.#open();
    signal.throwIfAborted();
    const pool = this.#pools.get(example.library);
    return python.call(EXAMPLE_FUNCTION, exampleArguments(example), { signal, pool });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const python = await this.#opened?.catch(() => undefined);
    await python?.close();
  }

  /** Workers start with the first example. What could not be opened is tried again with the next. */
  #open(): Promise<Python> {
    this.#opened ??= openPython({
      ...(this.#python === undefined ? {} : { python: this.#python }),
      recycle: { calls: 1 },
      // What examples print is in their answer.
      onLog: () => undefined,
    }).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }
}
