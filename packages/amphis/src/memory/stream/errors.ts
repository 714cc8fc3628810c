import { AmphisError } from "@amphis/protocol";

export function cancelled(reason: string): AmphisError<"CHUNK_STREAM_CANCELLED"> {
  return new AmphisError(
    "CHUNK_STREAM_CANCELLED",
    `Cannot write chunk: the reader wants no more: ${reason}`,
    { reason },
  );
}

export function overrun(sequence: number, window: number): AmphisError<"CHUNK_STREAM_OVERRUN"> {
  return new AmphisError(
    "CHUNK_STREAM_OVERRUN",
    `Cannot take chunk ${sequence}: it came without credit`,
    { window },
  );
}

/** @param act what cannot be done: `take chunk 3` */
export function afterEnd(act: string): AmphisError<"CHUNK_STREAM_ENDED"> {
  return new AmphisError("CHUNK_STREAM_ENDED", `Cannot ${act}: the stream of chunks has ended`, {});
}
