import { existsSync } from "node:fs";
import { join } from "node:path";

import { bin } from "./bin.mjs";
import { commandsPass, noProblems } from "./step.mjs";

const released = "spec/proto/released.json";

/**
 * Checks the `.proto` files for style, and against the image of the last release for changes that break peers.
 *
 * @param {import("./step.mjs").CheckContext} context
 * @returns {Promise<import("./step.mjs").CheckResult>}
 */
export async function checkProto({ places: { root } }) {
  if (!existsSync(join(root, "spec/proto"))) {
    return noProblems(["spec/proto does not exist"]);
  }
  if (!existsSync(join(root, released))) {
    return noProblems([`${released} does not exist`]);
  }
  const buf = await bin(root, "@bufbuild/buf");
  return commandsPass(root, [
    [process.execPath, buf, "lint", "spec/proto"],
    [process.execPath, buf, "breaking", "spec/proto", "--against", released],
  ]);
}
