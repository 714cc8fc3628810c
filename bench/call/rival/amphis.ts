import { fileURLToPath } from "node:url";

import { openPython } from "amphis";

import type { Rival } from "./rival.ts";

export const WORK_FOLDER = fileURLToPath(new URL("../../../call/", import.meta.url));

/** This library, with one worker. */
export async function amphis(): Promise<Rival> {
  const py = await openPython({ workers: 1, path: [WORK_FOLDER] });
  const pid = await py.call<number>("os:getpid");
  return {
    pid,
    add: (left, right) => py.call<number>("work:add", [left, right]),
    addSync: (left, right) => py.sync.call<number>("work:add", [left, right]),
    first: (array) => py.call<number>("work:first", [array]),
    stop: () => py.close(),
  };
}
