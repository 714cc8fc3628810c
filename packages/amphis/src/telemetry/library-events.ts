import { type EventChannel, eventChannel } from "./event-channel.ts";

/** A call of a library that is traced; its caller has the answer. */
export interface LibraryCall {
  /** Name under which the library is configured. */
  readonly library: string;
  /** Dotted name within it. */
  readonly function: string;
  /** How much it matters, as the configuration says. */
  readonly level: "debug" | "info" | "warning" | "error";
  readonly durationMs: number;
  /** Where the answer came from: Python, alone or together with others; what was kept; or a call of the same that was in progress. */
  readonly source: "python" | "cache" | "shared" | "batch";
  /** Shortened, and without what is secret. Absent where they are not told. */
  readonly arguments?: readonly unknown[] | undefined;
  readonly keywords?: unknown;
  readonly result?: unknown;
  /** Of the error that it failed with. */
  readonly code?: string | undefined;
}

export const libraryCall: EventChannel<LibraryCall> = eventChannel("amphis:library:call");
