import { openCore } from "./open.ts";

/** Watches a ring that nobody writes to: unref'd, or with a doorbell whose other end is gone. Neither keeps it alive. */
const core = openCore();
const region = core.createRegion(4096);
region.createRing(0, 64);
const consumer = region.consume({ offset: 0, byteLength: 4096 });
const [near, far] = core.socketPair();
const watch = core.watchRing({ consumer, doorbell: near }, () => process.stdout.write("called"));
if (process.argv[3] === "unref") watch.unref();
else core.closeDescriptor(far);
process.on("exit", () => process.stdout.write("end"));
