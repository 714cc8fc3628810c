import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { formatAddress, invalidAddress, parseAddress } from "./address.ts";

/** What the choice depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Folder of the own user for sockets, where the system keeps one: `XDG_RUNTIME_DIR`. */
  readonly runtimeFolder: string | undefined;
  readonly temporaryFolder: string;
  readonly uid: number;
}

/**
 * The best address for two processes of one user on this machine: a named pipe on Windows, else a Unix socket in a folder that only the user
 * can enter. The same name gives the same address. Makes the folder if it is not there.
 *
 * @throws {AmphisError} ADDRESS_INVALID when the name has other characters than letters, digits, `.`, `-`, `_`, or the folder is another user's
 */
export function recommended(name: string, surroundings: Surroundings = here()): string {
  const pipe = parseAddress(`pipe:${name}`);
  if (surroundings.platform === "win32") return formatAddress(pipe);
  const { runtimeFolder, temporaryFolder, uid } = surroundings;
  const folder = runtimeFolder ?? join(temporaryFolder, `amphis-${uid}`);
  const address = `unix:${join(folder, `${name}.sock`)}`;
  parseAddress(address);
  if (runtimeFolder === undefined) keepPrivate(address, folder, uid);
  return address;
}

function here(): Surroundings {
  const { XDG_RUNTIME_DIR: runtimeFolder = "" } = process.env;
  return {
    platform: process.platform,
    runtimeFolder: runtimeFolder.startsWith("/") ? runtimeFolder : undefined,
    temporaryFolder: tmpdir(),
    uid: userInfo().uid,
  };
}

/** Anybody may have made the folder before: one that others can change would let them put their own socket there. */
function keepPrivate(address: string, folder: string, uid: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0) return;
  throw invalidAddress(address, `${folder} is no folder that only this user can enter`);
}
