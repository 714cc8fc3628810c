/*
 * What happens inside Amphis, told on channels of Node's `diagnostics_channel`: one channel for each kind of event. Listen with
 * `subscribe`, `recordEvents` or `logEvents`; what emits asks `hasSubscribers` first and so costs nothing when nobody listens.
 */

export { logEvents } from "./logger.ts";
export type { LogOptions } from "./logger.ts";
export type { LogLevel } from "./level.ts";
export { recordEvents, Recorder } from "./recorder.ts";
export type { RecordedEvent, RecordOptions } from "./recorder.ts";
export { eventNames, subscribe } from "./catalogue.ts";
export type { EventName, Events, NamedEvent, Unsubscribe } from "./catalogue.ts";
export type { EventChannel, EventListener } from "./event-channel.ts";

export {
  callError,
  callRetry,
  callStart,
  callStop,
  streamItem,
  streamStall,
  streamStop,
} from "./call-events.ts";
export type {
  CallBytes,
  CallError,
  CallIdentity,
  CallKind,
  CallRetry,
  CallStart,
  CallStop,
  CallTimes,
  StreamItem,
  StreamStall,
  StreamStop,
} from "./call-events.ts";
export {
  workerExit,
  workerHealth,
  workerLog,
  workerReady,
  workerRecycle,
  workerStart,
} from "./worker-events.ts";
export type {
  WorkerExit,
  WorkerHealth,
  WorkerIdentity,
  WorkerLog,
  WorkerReady,
  WorkerRecycle,
  WorkerStart,
} from "./worker-events.ts";
export {
  breakerChange,
  poolClose,
  poolDrain,
  poolOpen,
  sessionClose,
  sessionOpen,
} from "./pool-events.ts";
export type {
  BreakerChange,
  BreakerState,
  PoolClose,
  PoolDrain,
  PoolOpen,
  SessionClose,
  SessionOpen,
} from "./pool-events.ts";
export {
  fallback,
  memoryClose,
  memoryExhausted,
  memoryLost,
  memoryOpen,
  memoryPath,
  memoryRefused,
} from "./memory-events.ts";
export type {
  Fallback,
  MemoryClose,
  MemoryExhausted,
  MemoryLost,
  MemoryOpen,
  MemoryPath,
  MemoryRefused,
} from "./memory-events.ts";
export { hardwareChange, hardwareDetect, hardwareSelect } from "./hardware-events.ts";
export type { HardwareChange, HardwareDetect, HardwareSelect } from "./hardware-events.ts";
export {
  operationError,
  operationProgress,
  operationStart,
  operationStop,
} from "./operation-events.ts";
export type {
  OperationError,
  OperationFigures,
  OperationIdentity,
  OperationProgress,
  OperationStart,
  OperationStop,
} from "./operation-events.ts";
export { libraryCall } from "./library-events.ts";
export type { LibraryCall } from "./library-events.ts";
export {
  childTrace,
  currentTrace,
  formatTraceparent,
  newTrace,
  parseTraceparent,
  traceparentForCall,
  withTrace,
} from "./trace-context.ts";
export type { TraceContext } from "./trace-context.ts";
export { policyDenied } from "./security-events.ts";
export type { PolicyDenied } from "./security-events.ts";
