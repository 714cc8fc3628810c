/** Has one worker in a control group, says so, and closes it when its standard input ends. */
import { openPython } from "amphis";

const py = await openPython({
  config: false,
  workers: 1,
  limits: { memoryBytes: 256 << 20, hard: true },
});
await py.call("math:sqrt", [4]);
process.stdout.write("ready\n");
process.stdin.resume().once("end", () => void py.close());
