/*
 * Python processes that do what this program asks (spec/worker.md): how they are started, and what is said to them.
 */

export type { TypedValues } from "./values/index.ts";
export { findPython } from "./launch/interpreter.ts";
export { openLauncher } from "./launch/launcher.ts";
export { hostRules } from "./launch/network-rules.ts";
export { isolationSupport } from "./launch/sandbox/isolation-support.ts";
export type { IsolationQuery, IsolationSupport } from "./launch/sandbox/isolation-support.ts";
export type { ControlGroupSupport } from "./launch/control-group/place.ts";
export type { AllowOptions, FilePolicyOptions, Isolation, WorkerPolicy } from "./launch/policy.ts";
export { runtimeScript } from "./launch/runtime-place.ts";
export { StderrTail } from "./launch/stderr-tail.ts";
export type {
  LaunchedWorker,
  Launcher,
  ProcessExit,
  WorkerLimits,
  WorkerSpec,
} from "./launch/launcher.ts";

export {
  callingConversation,
  currentCallback,
  fromElsewhere,
  fromHere,
  lacksCallSite,
  loadConversation,
  placeError,
  rejection,
  remoteError,
  RemoteObject,
  StepRef,
} from "./conversation/index.ts";
export type {
  CallFigures,
  Conversation,
  FailedModule,
  LogEntry,
  LogLevel,
  ReadyInfo,
  ResultMode,
  Step,
  Unanswered,
  Work,
  WorkerEvent,
  WorkSink,
} from "./conversation/index.ts";
