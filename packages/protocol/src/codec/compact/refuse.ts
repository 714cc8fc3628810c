import { Refusal } from "../refusal.ts";

export function unsupported(expected: string, value: unknown): Refusal {
  return new Refusal(value, "VALUE_UNSUPPORTED", expected);
}

export function outOfRange(expected: string, value: unknown): Refusal {
  return new Refusal(value, "VALUE_OUT_OF_RANGE", expected);
}

export function tooDeep(value: unknown): Refusal {
  return new Refusal(value, "DEPTH_EXCEEDED", "");
}
