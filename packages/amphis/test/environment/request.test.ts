import { expect, test } from "vitest";

import { openEnvironment } from "../../src/library/environment/index.ts";
import { temporaryFolder } from "./project.ts";

const OPTION = "-r /etc/passwd";

test.each([
  ["an option", { dependencies: [OPTION] }],
  ["an option after a package", { dependencies: ["alpha --index-url=http://evil"] }],
  ["an address", { dependencies: ["alpha @ https://example.org/alpha.whl"] }],
  ["a path", { dependencies: ["./alpha"] }],
  ["two lines", { dependencies: ["alpha\nomega"] }],
  ["a condition that is none", { dependencies: ["alpha; import os"] }],
  ["a package that is an option", { libraries: [{ package: "--pre" }] }],
  ["a version that is an option", { libraries: [{ package: "alpha", version: "--pre" }] }],
  ["an extra that is none", { libraries: [{ package: "alpha", extras: ["a]b"] }] }],
  ["a module that is code", { libraries: [{ package: "alpha", modules: ["os;x"] }] }],
  ["an environment outside", { name: "../x" }],
  ["an address for a variable", { indexes: ["https://user:word@example.org"] }],
  ["a Python that is neither version nor path", { python: "--version" }],
])("%s is refused before anything is looked at", async (_, request) => {
  const project = temporaryFolder();
  await expect(openEnvironment({ project, ...request })).rejects.toThrow(TypeError);
});
