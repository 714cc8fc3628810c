import { isAmphisError } from "@amphis/protocol";
import { loadConfig, type LoadedConfig } from "amphis/config";

import type { ConfigFlags } from "../flags.ts";
import { json, styled, type Terminal } from "../terminal.ts";

/** `amphis config`: what holds, without secrets. */
export async function showConfig({ config }: ConfigFlags, terminal: Terminal): Promise<void> {
  const loaded = await load(config);
  if (loaded.sources.length === 0) {
    terminal.write("there is no configuration here or above, so that defaults hold\n");
    return;
  }
  terminal.write(json(loaded));
}

/** `amphis config check`: everything that is wrong, where it stands. @returns the exit status */
export async function checkConfig(
  { config, json: asJson = false }: ConfigFlags,
  terminal: Terminal,
): Promise<number> {
  try {
    const { sources } = await load(config);
    const found = sources.length === 0 ? "there is no configuration" : sources.join(", ");
    terminal.write(
      asJson ? json([]) : `${found}: ${styled(terminal, "green", "nothing is wrong")}\n`,
    );
    return 0;
  } catch (error) {
    if (!isAmphisError(error, "CONFIG_INVALID")) throw error;
    if (asJson) terminal.write(json(error.problems));
    else terminal.tell(`${styled(terminal, "red", "error")} ${error.message.trimEnd()}\n`);
    return 1;
  }
}

/** `amphis config explain PATH`: what an option is, and who says so. */
export async function explainConfig(
  path: string,
  { config, json: asJson = false }: ConfigFlags,
  terminal: Terminal,
): Promise<void> {
  const explanation = await (await load(config)).explain(path);
  if (asJson) {
    terminal.write(json(explanation));
    return;
  }
  const { value, origins } = explanation;
  if (origins.length === 0) {
    terminal.write(`${explanation.path} has its default: nobody says anything about it\n`);
    return;
  }
  terminal.write(`${explanation.path} = ${JSON.stringify(value)}\n`);
  for (const { source, line, column, value: said } of origins) {
    const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
    terminal.write(`  ${JSON.stringify(said)} in ${place}\n`);
  }
}

function load(config: string | undefined): Promise<LoadedConfig> {
  return loadConfig(config === undefined ? {} : { config });
}
