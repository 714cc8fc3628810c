import { AmphisError } from "@amphis/protocol";

import type { CallOptions, Session } from "../pool/index.ts";
import type { Work, WorkSink } from "../worker/index.ts";

/** Takes work to the pools of one {@link Python}. */
export interface Router {
  submit(work: Work, options: CallOptions, sink: WorkSink): void;
  submitSync(work: Work, options: CallOptions): unknown;
  stream(work: Work, options: CallOptions): AsyncIterableIterator<unknown>;
}

/** Where an expression comes from, and so where it is worked out. */
export interface Origin {
  readonly router: Router;
  /** Absent as long as every pool would do. */
  readonly pool?: string | undefined;
  readonly session?: Session | undefined;
  /** Modules that have other names here. */
  readonly modules?: ModuleNames | undefined;
}

/** A module of a configured library. */
export interface ConfiguredModule {
  readonly module: string;
  /** Where it is worked with, outside of sessions. */
  readonly pool: string | undefined;
}

/** Modules by the names and aliases under which they are configured. */
export type ModuleNames = ReadonlyMap<string, ConfiguredModule>;

/**
 * Where an expression goes that is made of two parts; a part without an origin goes anywhere.
 *
 * @throws {AmphisError} HANDLE_ELSEWHERE when they cannot meet
 */
export function meet(one: Origin | undefined, other: Origin | undefined): Origin | undefined {
  if (other === undefined || one === other) return one;
  if (one === undefined) return other;
  if (one.router !== other.router) throw apart("they belong to two calls of openPython");
  if (differ(one.pool, other.pool)) {
    throw apart(`one is of the pool ${one.pool}, the other of ${other.pool}`);
  }
  if (differ(one.session, other.session)) throw apart("they belong to two sessions");
  return {
    router: one.router,
    pool: one.pool ?? other.pool,
    session: one.session ?? other.session,
  };
}

/** Options of a call, with what its origin demands. */
export function placed(origin: Origin, options: CallOptions): CallOptions {
  const { pool = options.pool, session = options.session } = origin;
  if (pool === options.pool && session === options.session) return options;
  return { ...options, pool: options.pool ?? pool, session: options.session ?? session };
}

/** The module that a name stands for, an alias or something below one, and where it is worked with. */
export function placeOfModule(name: string, origin: Origin): readonly [string, Origin] {
  const { modules, session } = origin;
  if (modules === undefined) return [name, origin];
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const found = modules.get(name.slice(0, end));
    if (found === undefined) continue;
    const { module, pool } = found;
    const isElsewhere = pool !== undefined && session === undefined;
    return [module + name.slice(end), isElsewhere ? { ...origin, pool } : origin];
  }
  return [name, origin];
}

function differ(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function apart(reason: string): AmphisError {
  return new AmphisError("HANDLE_ELSEWHERE", `Cannot use objects of Python together: ${reason}`, {
    type: "",
    reason,
  });
}
