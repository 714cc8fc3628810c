/* Opens Python of the built package as its argument says, and prints what it was asked for and which files were loaded for it. */

import { Session } from "node:inspector";

import { openPython } from "amphis";

const loaded = [];
const debug = new Session();
debug.connect();
debug.on("Debugger.scriptParsed", ({ params }) => loaded.push(params.url));
debug.post("Debugger.enable");

const [options = "{}", code = "None"] = process.argv.slice(2);
const py = await openPython(JSON.parse(options));
const answer = await py.eval(code);
await py.close();
const files = loaded.filter((url) => url.includes("/amphis/bundle/"));
process.stdout.write(`${JSON.stringify({ answer, files })}\n`);
