import { type EventName, eventNames, type Events, type NamedEvent } from "./catalogue.ts";

/** How much an event matters to somebody who watches a program run. */
export type LogLevel = "debug" | "info" | "warning" | "error";

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warning: 2, error: 3 };

interface Levels<Event> {
  /** The highest that there is, so that nobody listens where nothing can matter enough. */
  readonly most: LogLevel;
  readonly of: (event: Event) => LogLevel;
}

function always(level: LogLevel): Levels<unknown> {
  return { most: level, of: () => level };
}

const levels: { readonly [Name in EventName]: Levels<Events[Name]> } = {
  callStart: always("debug"),
  callStop: always("debug"),
  callError: always("error"),
  callRetry: always("warning"),
  streamItem: always("debug"),
  streamStall: always("debug"),
  streamStop: always("debug"),
  workerStart: always("debug"),
  workerReady: always("info"),
  workerExit: { most: "error", of: ({ isExpected }) => (isExpected ? "info" : "error") },
  workerRecycle: always("info"),
  workerHealth: {
    most: "warning",
    of: ({ status }) => (status === "responsive" ? "info" : "warning"),
  },
  workerLog: { most: "error", of: ({ level }) => (level === "critical" ? "error" : level) },
  poolOpen: always("info"),
  poolDrain: always("info"),
  poolClose: { most: "error", of: ({ reason }) => (reason === "failed" ? "error" : "info") },
  sessionOpen: always("debug"),
  sessionClose: always("debug"),
  breakerChange: { most: "warning", of: ({ to }) => (to === "open" ? "warning" : "info") },
  memoryOpen: always("debug"),
  memoryClose: always("debug"),
  memoryExhausted: always("warning"),
  memoryLost: always("warning"),
  memoryRefused: always("error"),
  memoryPath: always("debug"),
  fallback: { most: "warning", of: ({ wanted, used }) => (used === wanted ? "info" : "warning") },
  libraryCall: { most: "error", of: ({ level }) => level },
  hardwareDetect: always("debug"),
  hardwareChange: always("warning"),
  hardwareSelect: {
    most: "info",
    of: ({ choice }) => (choice === 0 ? "debug" : "info"),
  },
  operationStart: always("debug"),
  operationProgress: always("debug"),
  operationStop: always("info"),
  operationError: always("error"),
  policyDenied: always("warning"),
};

export function levelOf({ name, event }: NamedEvent): LogLevel {
  return (levels[name] as Levels<typeof event>).of(event);
}

export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return RANKS[level] >= RANKS[least];
}

/** @throws {RangeError} when it is no level */
export function checkLevel(level: LogLevel): void {
  if (!Object.hasOwn(RANKS, level)) {
    const names = Object.keys(RANKS).join(", ");
    throw new RangeError(`Cannot log events as minLevel must be one of ${names}: ${String(level)}`);
  }
}

/** The events that can matter so much. */
export function namesFrom(
  least: LogLevel,
  names: readonly EventName[] = eventNames,
): readonly EventName[] {
  return names.filter(
    (name) => !Object.hasOwn(levels, name) || isAtLeast(levels[name].most, least),
  );
}
