import type {
  BusHealth,
  BusOptions,
  BusState,
  BusStats,
  EndpointOptions,
  SubscribeOptions,
} from "amphis/bus";

import type { Delivery, Publication } from "./history.ts";

/** How an endpoint of a child answers. */
export type Behaviour =
  /** With the payload. */
  | "echo"
  /** Never. */
  | "hang"
  /** With as many bytes as the payload says. */
  | "bytes"
  /** With a stream of numbers that does not end. */
  | "count"
  /** When it has read all that the caller streams. */
  | "collect";

/** What of the options of a bus can be told to another process. */
export type ChildBusOptions = Pick<
  BusOptions,
  "listen" | "join" | "name" | "token" | "tokens" | "connection" | "reconnect" | "queueBytes"
>;

/** What a child is told to do. */
export type Command =
  | { readonly act: "open"; readonly options: ChildBusOptions }
  | {
      readonly act: "register";
      readonly name: string;
      readonly does: Behaviour;
      readonly options?: EndpointOptions;
    }
  | {
      readonly act: "subscribe";
      readonly pattern: string;
      readonly options?: SubscribeOptions;
      /** Keeps what is delivered, under this name. Without it, it is only counted. */
      readonly record?: string;
    }
  /** Subscribes and takes it back again and again, and says `churning` after the first time. */
  | { readonly act: "churn"; readonly pattern: string }
  | {
      readonly act: "publish";
      readonly topics: readonly string[];
      readonly count: number;
      readonly phase: string;
    }
  /** Publishes until it is told to stop. */
  | { readonly act: "publish-on"; readonly topics: readonly string[]; readonly phase: string }
  | { readonly act: "publish-stop" }
  | { readonly act: "published" }
  | { readonly act: "delivered" }
  /** How many were delivered in a phase, to all subscriptions. */
  | { readonly act: "tally"; readonly phase: string }
  /** Starts calls. */
  | {
      readonly act: "call";
      readonly target: string;
      readonly payload?: number;
      readonly count: number;
      readonly timeoutMs?: number;
    }
  /** What became of the calls, when all are settled: how many ended with which code. */
  | { readonly act: "outcomes" }
  /** Reads a stream, and says `reading` with the third item. */
  | { readonly act: "read"; readonly target: string }
  /** Streams numbers into a call without end. */
  | { readonly act: "write"; readonly target: string }
  /** Freezes its own process, behind what it was told before. */
  | { readonly act: "freeze" }
  | { readonly act: "usage" }
  | { readonly act: "health" }
  | { readonly act: "state" }
  /** Resolves when the bus is open. */
  | { readonly act: "await-open" }
  | { readonly act: "drain" }
  | { readonly act: "close" };

export interface Replies extends Record<Command["act"], unknown> {
  /** The number of the first, and how many were accepted. */
  readonly publish: { readonly from: number; readonly accepted: number };
  readonly published: readonly Publication[];
  readonly delivered: readonly Delivery[];
  readonly tally: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly usage: Usage;
  readonly health: BusHealth;
  readonly state: BusState["kind"];
}

/** What a process holds. */
export interface Usage {
  readonly stats: BusStats | undefined;
  readonly descriptors: number;
  /** Timers and handles that keep it busy, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Heap and buffers after a collection. */
  readonly bytes: number;
}

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}
