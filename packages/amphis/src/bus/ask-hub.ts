import { AmphisError, FRAME_KINDS, type Value } from "@amphis/protocol";

import type { CallEnd, CallPart } from "./call-part.ts";
import type { Control } from "./controls.ts";
import type { Wire } from "./wire.ts";

/** Asks the hub for something that has one answer. @throws {AmphisError} what the hub refuses it with, or CONNECTION_CLOSED */
export function askHub(wire: Wire, control: Control): Promise<Value> {
  return new Promise((resolve, reject) => {
    const answer: CallEnd = {
      take: (part) => {
        if (part.is("error")) reject(contentOf(part, reject) as Error);
        else if (part.is("result")) resolve(contentOf(part, reject) as Value);
        else if (part.kind === "end") reject(endedEarly());
      },
    };
    const body = wire.controlBody(control);
    wire.callControl(wire.open(answer, false), body);
  });
}

/** What a control call is refused with that the hub ends without an answer. */
export function endedEarly(): AmphisError {
  return new AmphisError("FRAME_INVALID", "Cannot get answer of the hub: it ended the call", {
    field: "kind",
    received: FRAME_KINDS.end,
  });
}

/** What an answer holds; one that cannot be read is an error. */
function contentOf(
  part: CallPart<"result"> | CallPart<"error">,
  reject: (error: unknown) => void,
): unknown {
  try {
    return part.content();
  } catch (error) {
    reject(error);
    return undefined;
  }
}
