import { AmphisError } from "@amphis/protocol";

import type { ClassModel, FunctionModel, Signature } from "../model/index.ts";
import { mismatchOf } from "./mismatch.ts";
import { shortSignatureText, signatureText } from "./print.ts";

/**
 * Refuses a call that Python would refuse for its arguments, before anything is sent.
 *
 * Only what Python itself says of a function decides. Of one whose parameters are known from a stub, a docstring or not at all, every call
 * passes; so does what the types of arguments would rule out.
 *
 * @throws {AmphisError} CALL_INVALID with the signature, the argument, and names near it
 */
export function checkCall(
  model: FunctionModel | ClassModel,
  args: readonly unknown[],
  kwargs?: Readonly<Record<string, unknown>>,
): void {
  const signature = decisiveSignature(model);
  if (signature === undefined) return;
  const wrong = mismatchOf(signature, args.length, kwargs);
  if (wrong === undefined) return;
  const { reason, argument, suggestions } = wrong;
  const short = shortSignatureText(signature, [argument, ...suggestions]);
  throw new AmphisError("CALL_INVALID", `Cannot call ${model.path}${short}: ${reason}`, {
    function: model.path,
    signature: `${model.path}${signatureText(signature)}`,
    argument,
    suggestions: [...suggestions],
  });
}

/** The signature by which Python judges calls; nothing where that is not certain. */
function decisiveSignature(model: FunctionModel | ClassModel): Signature | undefined {
  const { runtime } = model;
  if (runtime !== undefined) return runtime.isExact === true ? runtime : undefined;
  const [only, ...others] = model.kind === "class" ? model.constructors : model.signatures;
  return others.length === 0 && only?.isExact === true ? only : undefined;
}
