import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Installer } from "./installer.ts";
import type { Interpreter } from "./interpreter.ts";
import { type EnvironmentFolder, remove } from "./places.ts";
import type { OnProgress } from "./progress.ts";
import { folderOf } from "./ready.ts";
import { findInterpreter, findUv, recommendedInstaller } from "./recommended.ts";
import type { OpenEnvironmentOptions, Wanted } from "./request.ts";
import { toolEnvironment } from "./surroundings.ts";
import type { ToolSurroundings } from "./tool.ts";
import { takeTurn, type Turn } from "./turn.ts";

/** What is needed to change an environment, while this process may. */
export interface Work {
  readonly wanted: Wanted;
  readonly folder: EnvironmentFolder;
  readonly turn: Turn;
  readonly surroundings: ToolSurroundings;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
  /** Finds Python and a tool. */
  equip(locked: string | undefined): Promise<Equipment>;
}

export interface Equipment {
  readonly interpreter: Interpreter;
  readonly installer: Installer;
}

/** Where tools run for a request. */
export function surroundingsOf(
  { project, indexes }: Wanted,
  { env = process.env, signal }: OpenEnvironmentOptions,
): ToolSurroundings {
  return { env: toolEnvironment(env, { indexes }), cwd: project, signal };
}

/** Does something that changes environments, alone, in a folder for temporary files that goes away with it. */
export async function inTurn<T>(
  wanted: Wanted,
  options: OpenEnvironmentOptions,
  act: (work: Work) => Promise<T>,
): Promise<T> {
  const { signal, onProgress = () => {} } = options;
  const surroundings = surroundingsOf(wanted, options);
  const folder = folderOf(wanted);
  await folder.make();
  const onWait = (holder: string): void => onProgress({ kind: "waiting", holder });
  const turn = await takeTurn(folder.turns, { signal, onWait });
  const temporary = await mkdtemp(join(tmpdir(), "amphis-environment-"));
  const equip = async (locked: string | undefined): Promise<Equipment> => {
    const own = options.env ?? process.env;
    const uv = await findUv(wanted.tool, surroundings, own);
    const interpreter = await findInterpreter(wanted, locked, uv, surroundings, own);
    const { environment, folders, useIndexes, builds } = wanted;
    const installer = await recommendedInstaller(uv, {
      ...surroundings,
      environment,
      interpreter,
      work: temporary,
      folders,
      useIndexes,
      builds,
      offline: options.offline ?? false,
      onProgress,
    });
    return { interpreter, installer };
  };
  try {
    return await act({ wanted, folder, turn, surroundings, onProgress, signal, equip });
  } finally {
    await remove(temporary);
    await turn.end();
  }
}
