import { openCore } from "./open.ts";

/** Opens a doorbell that nobody rings; ends at once when it is unref'd, and never when it is ref'd again. */
const bell = openCore().openDoorbell(() => undefined);
bell.unref();
if (process.argv[3] === "ref") {
  bell.ref();
  setImmediate(() => {
    process.stdout.write("alive");
    bell.close();
  });
}
process.on("exit", () => process.stdout.write(" end"));
