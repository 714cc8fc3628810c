import type { ConfiguredEnvironment } from "../config/index.ts";
import { type EnvironmentProgress, openEnvironment, ProgressLine } from "../library/index.ts";
import type { PythonEnvironment, PythonOptions } from "./contract.ts";

/**
 * Opens the environments that pools need, one after the other: those that are not there yet are made.
 *
 * @param onProgress @default a line on standard error, if that is a terminal
 */
export async function openEnvironments(
  needed: readonly ConfiguredEnvironment[],
  onProgress: PythonOptions["onProgress"],
): Promise<readonly PythonEnvironment[]> {
  const line = new ProgressLine();
  const tell: NonNullable<PythonOptions["onProgress"]> =
    onProgress ?? (({ environment, ...progress }) => line.show(environment, progress));
  const opened: PythonEnvironment[] = [];
  try {
    for (const each of needed) opened.push(await openOne(each, tell));
  } finally {
    line.clear();
  }
  return opened;
}

async function openOne(
  { name, request, pools, libraries }: ConfiguredEnvironment,
  tell: NonNullable<PythonOptions["onProgress"]>,
): Promise<PythonEnvironment> {
  let isChosen = false;
  const onProgress = (progress: EnvironmentProgress): void => {
    isChosen ||= progress.kind === "resolved";
    tell({ environment: name, ...progress });
  };
  const environment = await openEnvironment(request, { onProgress });
  const written = isChosen ? "written" : "kept";
  return {
    ...environment,
    pools,
    libraries,
    lockState: environment.lock === undefined ? "none" : written,
  };
}
