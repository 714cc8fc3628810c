import { type EventChannel, eventChannel } from "./event-channel.ts";

/** A piece of work of machine learning: a forward pass, a training run, a tokenisation. */
export interface OperationIdentity {
  /** The same in all events of one piece of work; with those of workers, of one worker. */
  readonly operation: number;
  /** Of the worker that does it; absent for work of this program. */
  readonly pool?: string | undefined;
  readonly worker?: number | undefined;
  /** What is done, in the words of the field: `inference`, `train step`, `embed`, `tokenize`. */
  readonly name: string;
  readonly model?: string | undefined;
  readonly library?: string | undefined;
  readonly device?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** A piece of work has begun. */
export type OperationStart = OperationIdentity;

/** What is known of a piece of work while it is done, and when it is over. */
export interface OperationFigures {
  readonly durationMs: number;
  readonly step?: number | undefined;
  readonly batch?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Figures of this kind of work: `loss`, `accuracy`. */
  readonly figures?: Readonly<Record<string, number>> | undefined;
}

/** A piece of work tells how far it is. */
export interface OperationProgress extends OperationIdentity, OperationFigures {}

/** A piece of work is done. */
export interface OperationStop extends OperationIdentity, OperationFigures {}

/** A piece of work failed. */
export interface OperationError extends OperationIdentity, OperationFigures {
  readonly code: string;
  readonly error: unknown;
}

export const operationStart: EventChannel<OperationStart> = eventChannel("amphis:operation:start");
export const operationProgress: EventChannel<OperationProgress> = eventChannel(
  "amphis:operation:progress",
);
export const operationStop: EventChannel<OperationStop> = eventChannel("amphis:operation:stop");
export const operationError: EventChannel<OperationError> = eventChannel("amphis:operation:error");
