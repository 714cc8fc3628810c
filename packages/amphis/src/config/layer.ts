import type { ConfigPath } from "./config-path.ts";
import type { ConfigLayer } from "./options.ts";
import { placeOf, type Position } from "./places.ts";
import type { ConfigText } from "./read-config.ts";

/** Something that says what the configuration is; later ones win. */
export interface Layer {
  /** Path of the file, name of the variable, or `code`. */
  readonly source: string;
  readonly value: ConfigLayer;
  /** Where it begins in its file: `$production`. */
  readonly prefix: ConfigPath;
  readonly text?: ConfigText | undefined;
}

/** Name of the layer that a program gives itself. */
export const CODE = "code";

/** Where an option stands, if that can be told. */
export async function locate(
  text: ConfigText | undefined,
  path: ConfigPath,
  at: "key" | "value",
): Promise<Position | undefined> {
  const places = await text?.places();
  return places === undefined ? undefined : text?.lines.at(placeOf(places, path, at));
}
