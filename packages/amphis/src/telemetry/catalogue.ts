import {
  callError,
  type CallError,
  callRetry,
  type CallRetry,
  callStart,
  type CallStart,
  callStop,
  type CallStop,
  streamItem,
  type StreamItem,
  streamStall,
  type StreamStall,
  streamStop,
  type StreamStop,
} from "./call-events.ts";
import type { EventChannel } from "./event-channel.ts";
import {
  hardwareChange,
  type HardwareChange,
  hardwareDetect,
  type HardwareDetect,
  hardwareSelect,
  type HardwareSelect,
} from "./hardware-events.ts";
import { type LibraryCall, libraryCall } from "./library-events.ts";
import {
  fallback,
  type Fallback,
  memoryClose,
  type MemoryClose,
  memoryExhausted,
  type MemoryExhausted,
  memoryLost,
  type MemoryLost,
  memoryOpen,
  type MemoryOpen,
  memoryRefused,
  type MemoryRefused,
  memoryPath,
  type MemoryPath,
} from "./memory-events.ts";
import {
  operationError,
  type OperationError,
  operationProgress,
  type OperationProgress,
  operationStart,
  type OperationStart,
  operationStop,
  type OperationStop,
} from "./operation-events.ts";
import {
  breakerChange,
  type BreakerChange,
  poolClose,
  type PoolClose,
  poolDrain,
  type PoolDrain,
  poolOpen,
  type PoolOpen,
  sessionClose,
  type SessionClose,
  sessionOpen,
  type SessionOpen,
} from "./pool-events.ts";
import { policyDenied, type PolicyDenied } from "./security-events.ts";
import {
  type WorkerExit,
  workerExit,
  type WorkerHealth,
  workerHealth,
  type WorkerLog,
  workerLog,
  type WorkerReady,
  workerReady,
  type WorkerRecycle,
  workerRecycle,
  type WorkerStart,
  workerStart,
} from "./worker-events.ts";

/** Every event by its name, which is also the name of its channel in this module. */
export interface Events {
  readonly callStart: CallStart;
  readonly callStop: CallStop;
  readonly callError: CallError;
  readonly callRetry: CallRetry;
  readonly streamItem: StreamItem;
  readonly streamStall: StreamStall;
  readonly streamStop: StreamStop;
  readonly workerStart: WorkerStart;
  readonly workerReady: WorkerReady;
  readonly workerExit: WorkerExit;
  readonly workerRecycle: WorkerRecycle;
  readonly workerHealth: WorkerHealth;
  readonly workerLog: WorkerLog;
  readonly poolOpen: PoolOpen;
  readonly poolDrain: PoolDrain;
  readonly poolClose: PoolClose;
  readonly sessionOpen: SessionOpen;
  readonly sessionClose: SessionClose;
  readonly breakerChange: BreakerChange;
  readonly memoryOpen: MemoryOpen;
  readonly memoryClose: MemoryClose;
  readonly memoryExhausted: MemoryExhausted;
  readonly memoryLost: MemoryLost;
  readonly memoryRefused: MemoryRefused;
  readonly memoryPath: MemoryPath;
  readonly fallback: Fallback;
  readonly libraryCall: LibraryCall;
  readonly hardwareDetect: HardwareDetect;
  readonly hardwareChange: HardwareChange;
  readonly hardwareSelect: HardwareSelect;
  readonly operationStart: OperationStart;
  readonly operationProgress: OperationProgress;
  readonly operationStop: OperationStop;
  readonly operationError: OperationError;
  readonly policyDenied: PolicyDenied;
}

const channels: { readonly [Name in keyof Events]: EventChannel<Events[Name]> } = {
  callStart,
  callStop,
  callError,
  callRetry,
  streamItem,
  streamStall,
  streamStop,
  workerStart,
  workerReady,
  workerExit,
  workerRecycle,
  workerHealth,
  workerLog,
  poolOpen,
  poolDrain,
  poolClose,
  sessionOpen,
  sessionClose,
  breakerChange,
  memoryOpen,
  memoryClose,
  memoryExhausted,
  memoryLost,
  memoryRefused,
  memoryPath,
  fallback,
  libraryCall,
  hardwareDetect,
  hardwareChange,
  hardwareSelect,
  operationStart,
  operationProgress,
  operationStop,
  operationError,
  policyDenied,
};

/** Name of an event in the catalogue. */
export type EventName = keyof Events;

/** An event with its name; the name tells the type. */
export type NamedEvent = {
  readonly [Name in EventName]: { readonly name: Name; readonly event: Events[Name] };
}[EventName];

/** Every name of the catalogue, in its order. */
export const eventNames: readonly EventName[] = Object.keys(channels) as EventName[];

/** What stops hearing; harmless when repeated. */
export type Unsubscribe = () => void;

/**
 * Hears events by name, all of them by default.
 *
 * @returns what ends it
 * @throws {RangeError} when there is no event of a name
 */
export function subscribe(
  listener: (named: NamedEvent) => void,
  names: readonly EventName[] = eventNames,
): Unsubscribe {
  // Each is looked up before the first is joined, so that a wrong name leaves no listener behind.
  const wanted = [...new Set(names)].map((name) => ({ name, channel: channelOf(name) }));
  const joined = wanted.map(({ name, channel }) => {
    const hear = (event: object): void => listener({ name, event } as NamedEvent);
    channel.subscribe(hear);
    return () => channel.unsubscribe(hear);
  });
  return () => {
    for (const leave of joined) leave();
  };
}

function channelOf(name: EventName): EventChannel<object> {
  if (!Object.hasOwn(channels, name)) {
    throw new RangeError(`Cannot hear event as there is none of this name: ${String(name)}`);
  }
  return channels[name] as EventChannel<object>;
}
