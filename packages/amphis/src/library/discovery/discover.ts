import { AmphisError } from "@amphis/protocol";

import { findPython } from "../../worker/index.ts";
import { type LibraryModel, readLibrary } from "../model/index.ts";
import { ModelCache } from "./cache.ts";
import { describeInProcess, type Outcome } from "./describe-process.ts";
import {
  checkNames,
  type DiscoverOptions,
  type DiscoverSettings,
  resolveDiscoverOptions,
} from "./options.ts";

/** A library with more modules that end the process is given up. */
const MOST_DEATHS = 16;

/** A model for each name. */
export type Discovered<Names extends readonly string[]> = {
  -readonly [Index in keyof Names]: LibraryModel;
};

/**
 * Describes the public surface of libraries, in the order of their names.
 *
 * Each is imported by a process of its own, once: what was found is kept on disk until the library, its Python, or Amphis changes. A module
 * that cannot be imported, or ends the process, or hangs, costs that module alone: it is described by its source, and says why.
 *
 * @throws {TypeError} when a name is none of a module
 * @throws {RangeError} when a time is none
 * @throws {AmphisError} PYTHON_NOT_FOUND; LIBRARY_NOT_FOUND; DISCOVERY_FAILED when a library could not be described; the reason of the signal
 */
export async function discover<const Names extends readonly string[]>(
  names: Names,
  options: DiscoverOptions = {},
): Promise<Discovered<Names>> {
  checkNames(names);
  const settings = resolveDiscoverOptions(options);
  settings.signal?.throwIfAborted();
  const python = await findPython(options);
  const cache = new ModelCache(options.cacheFolder, python.path, settings);
  const models: LibraryModel[] = [];
  for (const name of names) models.push(await discoverOne(name, python.path, cache, settings));
  return models as Discovered<Names>;
}

/**
 * The descriptions that are on disk and still hold, of libraries with these names. Nothing is imported, and nothing made.
 *
 * @throws {TypeError} when a name is none of a module
 * @throws {AmphisError} PYTHON_NOT_FOUND
 */
export async function knownLibraries(
  names: readonly string[],
  options: DiscoverOptions = {},
): Promise<LibraryModel[]> {
  checkNames(names);
  const python = await findPython(options);
  const cache = new ModelCache(options.cacheFolder, python.path, resolveDiscoverOptions(options));
  const models = await Promise.all(names.map((name) => cache.read(name)));
  return models.filter((model) => model !== undefined);
}

async function discoverOne(
  library: string,
  python: string,
  cache: ModelCache,
  settings: DiscoverSettings,
): Promise<LibraryModel> {
  settings.signal?.throwIfAborted();
  const known = await cache.read(library);
  if (known !== undefined) {
    settings.onProgress({ kind: "cached", library });
    return known;
  }
  const startedAt = Date.now();
  const { model, packed, files } = await describe(library, python, settings);
  await cache.write(library, packed, files, startedAt);
  settings.onProgress({ kind: "discovered", library, modules: model.modules.length });
  return model;
}

interface Described {
  readonly model: LibraryModel;
  /** The same as it is kept. */
  readonly packed: string;
  readonly files: readonly string[];
}

async function describe(
  library: string,
  python: string,
  settings: DiscoverSettings,
): Promise<Described> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), settings.timeoutMs);
  const passOn = (): void => stop.abort();
  settings.signal?.addEventListener("abort", passOn, { once: true });
  try {
    return await describeInTurns(library, python, settings, stop);
  } finally {
    clearTimeout(timer);
    settings.signal?.removeEventListener("abort", passOn);
  }
}

/** One process after the other, each without the modules in which an earlier one ended. */
async function describeInTurns(
  library: string,
  python: string,
  settings: DiscoverSettings,
  stop: AbortController,
): Promise<Described> {
  const skipped = new Map<string, string>();
  for (;;) {
    let thrown: { readonly error: unknown } | undefined;
    const request = { ...settings, library, python, skipped };
    const outcome = await describeInProcess(request, stop.signal, (module) => {
      try {
        settings.onProgress({ kind: "module", library, module });
      } catch (error) {
        thrown ??= { error };
        stop.abort();
      }
    });
    if (thrown !== undefined) throw thrown.error;
    settings.signal?.throwIfAborted();
    if (stop.signal.aborted) {
      throw failed(library, python, `it took longer than ${settings.timeoutMs} ms`, outcome);
    }
    if (outcome.kind === "described") return judge(library, python, outcome);
    if (outcome.kind === "missing") throw missing(library, python, outcome.suggestions);
    if (outcome.kind === "failed" || skipped.size >= MOST_DEATHS || skipped.has(outcome.module)) {
      throw failed(library, python, outcome.reason, outcome);
    }
    const { module, reason } = outcome;
    skipped.set(module, reason);
    settings.onProgress({ kind: "skipped", library, module, reason });
  }
}

function judge(
  library: string,
  python: string,
  outcome: Extract<Outcome, { readonly kind: "described" }>,
): Described {
  const model = readLibrary(parse(outcome.model));
  if (model.name !== library) throw failed(library, python, "another one was described", outcome);
  return { model, packed: outcome.model, files: outcome.files };
}

/** Text that is no JSON is no model either, which is for the reader to say. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing(library: string, python: string, suggestions: readonly string[]): AmphisError {
  const near = suggestions.length === 0 ? "" : `; near are ${suggestions.join(", ")}`;
  return new AmphisError(
    "LIBRARY_NOT_FOUND",
    `Cannot discover ${library}: ${python} has no such module; install the library that has it, or correct the name${near}`,
    { library, python, suggestions: [...suggestions] },
  );
}

function failed(library: string, python: string, reason: string, outcome: Outcome): AmphisError {
  const stderr = "stderr" in outcome ? outcome.stderr : "";
  return new AmphisError(
    "DISCOVERY_FAILED",
    `Cannot discover ${library}: ${reason}; what its process wrote is in the error`,
    { library, python, stderr },
  );
}
