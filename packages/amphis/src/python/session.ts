import type { Session, SessionOptions } from "../pool/index.ts";
import type { Belongings } from "./belongings.ts";
import { callInput, nameSession } from "./call-options.ts";
import { callWork } from "./call-work.ts";
import { Calls } from "./calls.ts";
import type { PythonSession, PythonSessionInfo, PythonSessionOptions } from "./contract.ts";
import { expectKnown, expectText, expectTexts } from "./known-options.ts";
import type { Origin } from "./origin.ts";

const KNOWN: Readonly<Record<keyof PythonSessionOptions, true>> = {
  name: true,
  pool: true,
  affinity: true,
  ttlMs: true,
  maxAgeMs: true,
  maxCalls: true,
  device: true,
  cleanUp: true,
};

/** What a pool is asked for when a session begins. @throws {TypeError} */
export function sessionRequest(options: PythonSessionOptions): SessionOptions {
  expectKnown("begin session", options, KNOWN);
  const { pool, cleanUp = [], ...request } = options;
  if (pool !== undefined) expectText("begin session", "pool", pool);
  expectTexts("begin session", "cleanUp", cleanUp);
  return { ...request, cleanUp: cleanUp.map((name) => callWork(name, callInput(), false)) };
}

/** A session and what was made in it. */
export class OpenSession extends Calls implements PythonSession {
  readonly name: string;
  readonly pool: string;
  readonly #session: Session;
  readonly #belongings: Belongings;
  #closed: Promise<void> | undefined;

  constructor(
    session: Session,
    origin: Origin & { readonly pool: string },
    belongings: Belongings,
  ) {
    super(origin);
    this.name = session.name;
    this.pool = origin.pool;
    this.#session = session;
    this.#belongings = belongings;
    nameSession(this, session);
  }

  get worker(): number | undefined {
    return this.#session.workerNumber;
  }

  close(): Promise<void> {
    this.#closed ??= this.#session.closed().finally(() => this.#belongings.release());
    return this.#session.isAwaitingCaller ? Promise.resolve() : this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export function sessionInfo(session: Session, pool: string): PythonSessionInfo {
  const { name, affinity, workerNumber } = session;
  return { name, pool, affinity, worker: workerNumber };
}
