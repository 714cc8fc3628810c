import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What the heap holds without garbage, in bytes. */
export function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
