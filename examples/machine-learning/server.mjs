/* The server as a program: trains the model, serves it, prints where, and ends in good order at SIGTERM. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { takeWhatIsHere } from "./environment.mjs";
import { serve } from "./serve.mjs";
import { train } from "./train.mjs";

takeWhatIsHere();

// #region program
const folder = await mkdtemp(join(tmpdir(), "amphis-digits-"));
const { sha256 } = await train(folder);
const server = await serve({ folder, sha256 });
console.log(server.url);

process.once("SIGTERM", async () => {
  await server.close();
  await rm(folder, { recursive: true });
  console.log("closed");
});
// #endregion program
