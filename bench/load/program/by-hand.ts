// What one would write by hand: JSON in lines over a Unix socket, and a script that answers them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { moment, tell } from "../moments.ts";

const SCRIPT = fileURLToPath(new URL("../../../load/by_hand.py", import.meta.url));

const loaded = moment();
const folder = mkdtempSync(join(tmpdir(), "amphis-bench-"));
const path = join(folder, "python.sock");
const server = createServer().listen(path);
await once(server, "listening");
const python = spawn(process.env["AMPHIS_PYTHON"] ?? "python3", [SCRIPT, path], {
  stdio: "inherit",
});
const [socket] = (await once(server, "connection")) as [Socket];
const opened = moment();
socket.write(`${JSON.stringify([1, "math", "sqrt", [2]])}\n`);
const [answer] = (await once(socket, "data")) as [Buffer];
if (JSON.parse(answer.toString())[1] !== Math.SQRT2) throw new Error("Cannot measure: wrong root");
const answered = moment();
socket.destroy();
server.close();
await once(python, "exit");
rmSync(folder, { recursive: true });
tell({ loaded, opened, answered });
