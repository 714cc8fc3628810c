import { AmphisError, nearNames } from "@amphis/protocol";

import type { CallOptions } from "../../pool/index.ts";
import type { Work, WorkSink } from "../../worker/index.ts";
import type { LibraryOptions } from "../options.ts";
import { passBlocking } from "./blocking-passage.ts";
import { keyOf } from "./cache/index.ts";
import type { CallTarget, Reach, ReachOf } from "./call-target.ts";
import type { FunctionPlan } from "./function-plan.ts";
import { type LibraryFigures, OpenLibrary, type Renew } from "./open-library.ts";
import { MeasuredSink } from "./measured-sink.ts";
import { Passage } from "./passage.ts";
import { matcherOf } from "./pattern.ts";
import { streamThrough } from "./stream-passage.ts";

/** Names are the program's; whoever makes them up endlessly must not fill the memory. */
const MOST_KNOWN = 10_000;

export interface LibraryCallsInit {
  readonly libraries: Readonly<Record<string, LibraryOptions>>;
  readonly target: CallTarget;
  readonly reachOf: ReachOf;
  readonly renew: Renew;
}

/** Which results are forgotten. */
export interface ForgetOptions {
  /** @default of all libraries */
  readonly library?: string | undefined;
  /** Functions by dotted name; `*` stands for anything. @default all */
  readonly functions?: string | readonly string[] | undefined;
}

/** What a call by name turned out to be. */
interface Found {
  readonly plan: FunctionPlan;
  /** The name with the module for its alias. */
  readonly target: string;
}

/** Stands in front of pools, and adds to calls what the configuration of their library says; all others just pass. */
export class LibraryCalls implements CallTarget {
  readonly #target: CallTarget;
  readonly #reachOf: ReachOf;
  readonly #libraries = new Map<string, OpenLibrary>();
  /** By names, modules and aliases. */
  readonly #byName = new Map<string, OpenLibrary>();
  /** Functions as calls name them; undefined: of no library. */
  readonly #known = new Map<string, Found | undefined>();

  constructor({ libraries, target, reachOf, renew }: LibraryCallsInit) {
    this.#target = target;
    this.#reachOf = reachOf;
    for (const [name, options] of Object.entries(libraries)) {
      const library = new OpenLibrary(name, options, { target, renew });
      this.#libraries.set(name, library);
      for (const each of [name, options.module, options.alias]) {
        if (each !== undefined && !this.#byName.has(each)) this.#byName.set(each, library);
      }
    }
  }

  submit(work: Work, options: CallOptions, sink: WorkSink): void {
    let call: PlannedCall | undefined;
    try {
      call = this.#planned(work);
    } catch (error) {
      sink.reject(error);
      return;
    }
    if (call === undefined) {
      this.#target.submit(work, options, sink);
      return;
    }
    const { plan, work: named, reach } = call;
    if (plan.isPlain) {
      const { statistics } = plan;
      statistics.calls += 1;
      const sent = statistics.isMeasured() ? { ...named, timed: true } : named;
      this.#target.submit(sent, plan.optionsOf(options), new MeasuredSink(plan, sink));
      return;
    }
    const key = quickKey(call);
    const kept = key === undefined ? undefined : plan.cache?.get(key);
    if (kept === undefined) {
      const init = { plan, work: named, reach, options, isBlocking: false, key };
      new Passage(init, this.#target, sink).begin();
      return;
    }
    plan.statistics.calls += 1;
    sink.resolve(kept.value);
  }

  submitSync(work: Work, options: CallOptions): unknown {
    const call = this.#planned(work);
    if (call === undefined) return this.#target.submitSync(work, options);
    return passBlocking({ ...call, options }, this.#target);
  }

  stream(work: Work, options: CallOptions): AsyncIterableIterator<unknown> {
    let call: PlannedCall | undefined;
    try {
      call = this.#planned(work);
    } catch (error) {
      return failing(error);
    }
    if (call === undefined) return this.#target.stream(work, options);
    return streamThrough({ ...call, options }, this.#target);
  }

  /** How the libraries were called that are configured. */
  figures(): readonly LibraryFigures[] {
    return [...this.#libraries.values()].map((library) => library.figures());
  }

  /**
   * Forgets results that were kept.
   *
   * @returns how many
   * @throws {AmphisError} LIBRARY_NOT_CONFIGURED
   */
  forget({ library, functions = "*" }: ForgetOptions = {}): number {
    const meant = library === undefined ? [...this.#libraries.values()] : [this.library(library)];
    const isMeant = matcherOf(typeof functions === "string" ? [functions] : functions);
    return meant.reduce((count, each) => count + each.forget(isMeant), 0);
  }

  /** A library by its name, module or alias. @throws {AmphisError} LIBRARY_NOT_CONFIGURED */
  library(name: string): OpenLibrary {
    const library = this.#byName.get(name);
    if (library !== undefined) return library;
    const suggestions = nearNames(name, this.#byName.keys());
    const names = suggestions.length > 0 ? suggestions : [...this.#libraries.keys()];
    throw new AmphisError(
      "LIBRARY_NOT_CONFIGURED",
      `Cannot find library ${JSON.stringify(name)}: configured are ${names.join(", ")}`,
      { library: name, suggestions },
    );
  }

  /**
   * Has a library loaded anew by the workers of its pool.
   *
   * @returns the pool whose workers are to be replaced
   * @throws {AmphisError} LIBRARY_NOT_CONFIGURED, LIBRARY_HOOK_FAILED
   */
  async unload(name: string): Promise<{ readonly pool: string | undefined }> {
    const library = this.library(name);
    await library.unload();
    return { pool: library.pool };
  }

  /** Other options from now on, as far as they can change while Python is open. */
  change(libraries: Readonly<Record<string, LibraryOptions>>): void {
    for (const [name, library] of this.#libraries) {
      const options = libraries[name];
      if (options !== undefined) library.change(options);
    }
    this.#known.clear();
  }

  /** Lets all go on that wait for their turn, to pools that take nothing any more. */
  turnAway(): void {
    for (const { gate } of this.#libraries.values()) gate?.close();
  }

  /** Runs the hooks of TypeScript for the end of libraries. Waits for all, and throws what the first of them threw. */
  async close(): Promise<void> {
    const ends = [...this.#libraries.values()].map((library) => library.tearDown());
    const failed = (await Promise.allSettled(ends)).find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  /** @throws {AmphisError} LIBRARY_MEMBER_EXCLUDED */
  #planned(work: Work): PlannedCall | undefined {
    if (work.kind !== "call") return this.#plannedProgram(work);
    const { function: name = "" } = work;
    let found = this.#known.get(name);
    if (found === undefined && !this.#known.has(name)) found = this.#learn(name);
    if (found === undefined) return undefined;
    const { plan, target } = found;
    if (!plan.isAllowed) throw plan.library.members.refuse(plan.library.name, plan.member);
    const named = target === name ? work : { ...work, function: target };
    return { plan, work: named, reach: undefined };
  }

  #learn(name: string): Found | undefined {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const [module = "", attribute = ""] = name.split(":", 2);
    const owner = this.#ownerOf(`${module}.${attribute}`);
    let found: Found | undefined;
    // A module that is longer than the name of its library ends behind it.
    if (owner !== undefined && owner.used <= module.length) {
      const { library, member, used } = owner;
      const target = `${library.module}${module.slice(used)}:${attribute}`;
      found = { plan: library.plan(member, target), target };
    }
    this.#known.set(name, found);
    return found;
  }

  #plannedProgram(work: Work): PlannedCall | undefined {
    const reach = this.#reachOf(work);
    let first: OpenLibrary | undefined;
    for (const name of reach.names) {
      const owner = this.#ownerOf(name);
      if (owner === undefined) continue;
      const { library, member } = owner;
      first ??= library;
      if (member !== "" && !library.members.isAllowed(member)) {
        throw library.members.refuse(library.name, member);
      }
    }
    if (first === undefined) return undefined;
    const owner = reach.call === undefined ? undefined : this.#ownerOf(reach.call.name);
    if (owner !== undefined && owner.member !== "") {
      const { library, member } = owner;
      return { plan: library.plan(member, `${library.module}:${member}`), work, reach };
    }
    const { name } = work;
    const chain = name.startsWith(`${first.module}.`) ? name.slice(first.module.length + 1) : name;
    const alone = reach.call === undefined ? reach : { ...reach, call: undefined };
    return { plan: first.plan(chain, ""), work, reach: alone };
  }

  /** The library that a dotted name belongs to: the one with the longest name. */
  #ownerOf(name: string): Owner | undefined {
    for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
      const library = this.#byName.get(name.slice(0, end));
      if (library !== undefined) return { library, member: name.slice(end + 1), used: end };
    }
    return undefined;
  }
}

/** Streams begin, and so fail, when their first item is asked for. */
// eslint-disable-next-line require-yield
async function* failing(error: unknown): AsyncGenerator<never, void, undefined> {
  throw error;
}

/** The key of a call by name where nothing but looking is to be done for a result that was kept: no way is made for it then. */
function quickKey({ plan, work, reach }: PlannedCall): string | undefined {
  if (plan.cache === undefined || reach !== undefined || !plan.library.isQuick) return undefined;
  return keyOf(work.args ?? NO_ARGS, work.kwargs);
}

const NO_ARGS: readonly unknown[] = Object.freeze([]);

interface Owner {
  readonly library: OpenLibrary;
  /** Empty for the library itself. */
  readonly member: string;
  /** Length of the name by which it was found. */
  readonly used: number;
}

interface PlannedCall {
  readonly plan: FunctionPlan;
  readonly work: Work;
  readonly reach: Reach | undefined;
}
