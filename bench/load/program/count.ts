// Which files a program loads: not measured, as looking takes time.

import { statSync } from "node:fs";
import { Session } from "node:inspector";
import { fileURLToPath } from "node:url";

const loaded: string[] = [];
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params }) => loaded.push(params.url));
session.post("Debugger.enable");

const { openPython } = await import("amphis");
const py = await openPython();
await py.call("math:sqrt", [2]);
await py.close();
session.disconnect();
const files = loaded.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
console.log(JSON.stringify({ files: files.length, bytes }));
