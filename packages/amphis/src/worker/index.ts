/*
 * Python processes that do what this program asks (spec/worker.md): how they are started, and what is said to them.
 */

export { findPython } from "./launch/interpreter.ts";
export { openLauncher } from "./launch/launcher.ts";
export type {
  LaunchedWorker,
  Launcher,
  ProcessExit,
  WorkerLimits,
  WorkerSpec,
} from "./launch/launcher.ts";

export {
  callingConversation,
  Conversation,
  fromElsewhere,
  lacksCallSite,
  placeError,
  rejection,
  RemoteObject,
  StepRef,
} from "./conversation/index.ts";
export type {
  CallFigures,
  ConversationInit,
  FailedModule,
  LogEntry,
  LogLevel,
  ReadyInfo,
  ResultMode,
  Step,
  Unanswered,
  Work,
  WorkSink,
} from "./conversation/index.ts";
