import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

import {
  discover,
  type DiscoverOptions,
  findMember,
  type FunctionModel,
  type LibraryModel,
  type Member,
} from "../../../src/library/index.ts";

/** Libraries that the tests discover; each is about one thing. */
export const LIBRARIES: string = fileURLToPath(new URL("libraries", import.meta.url));

/** A folder that ends with the test. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "amphis-library-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** Discovers one library, kept nowhere unless the options say so. */
export async function discovered(
  library: string,
  options: DiscoverOptions = {},
): Promise<LibraryModel> {
  const unkept = await mkdtemp(join(tmpdir(), "amphis-library-"));
  try {
    const [model] = await discover([library], {
      path: [LIBRARIES],
      cacheFolder: unkept,
      ...options,
    });
    return model;
  } finally {
    await rm(unkept, { recursive: true, force: true });
  }
}

/** What a path leads to, which must be something other than a module. */
export function memberOf(model: LibraryModel, path: string): Member {
  const found = findMember(model, path);
  if (found?.kind !== "member") throw new Error(`Cannot find member ${path} of ${model.name}`);
  return found.member;
}

export function functionOf(model: LibraryModel, path: string): FunctionModel {
  const member = memberOf(model, path);
  if (member.kind !== "function") throw new Error(`Cannot call ${path}: it is a ${member.kind}`);
  return member;
}
