export { callingConversation, currentCallback } from "./calling.ts";
export { fromElsewhere, fromHere, lacksCallSite, placeError, rejection } from "./call-site.ts";
export { remoteError } from "./failures.ts";
export type { Conversation } from "./conversation.ts";
export { loadConversation } from "./load.ts";
export { RemoteObject } from "./remote-object.ts";
export type { FailedModule, LogEntry, LogLevel, ReadyInfo, WorkerEvent } from "./reports.ts";
export { StepRef } from "./work.ts";
export type { CallFigures, ResultMode, Step, Unanswered, Work, WorkSink } from "./work.ts";
