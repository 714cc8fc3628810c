import { openCore } from "./open.ts";

/** Adds one to every byte of the region at descriptor 3. */
const region = openCore().adoptRegion(3, Number(process.argv[3]));
const bytes = new Uint8Array(region.view(0, region.byteLength));
for (let index = 0; index < bytes.length; index++) bytes[index] = (bytes[index] ?? 0) + 1;
process.stdout.write("done");
