import { type EventChannel, eventChannel } from "./event-channel.ts";

/** A piece of work of machine learning: a forward pass, a training step, a tokenisation. */
export interface OperationIdentity {
  /** The same in all events of one piece of work. */
  readonly operation: number;
  /** What is done, in the words of the field: `inference`, `train step`, `embed`, `tokenize`. */
  readonly name: string;
  readonly model?: string | undefined;
  readonly library?: string | undefined;
  readonly device?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** A piece of work has begun. */
export type OperationStart = OperationIdentity;

/** A piece of work is done. */
export interface OperationStop extends OperationIdentity {
  readonly durationMs: number;
  readonly batch?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Figures of this kind of work: `loss`, `accuracy`. */
  readonly figures?: Readonly<Record<string, number>> | undefined;
}

/** A piece of work failed. */
export interface OperationError extends OperationIdentity {
  readonly durationMs: number;
  readonly code: string;
  readonly error: unknown;
}

export const operationStart: EventChannel<OperationStart> = eventChannel("amphis:operation:start");
export const operationStop: EventChannel<OperationStop> = eventChannel("amphis:operation:stop");
export const operationError: EventChannel<OperationError> = eventChannel("amphis:operation:error");
