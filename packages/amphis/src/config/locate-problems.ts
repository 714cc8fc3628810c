import type { Mismatch } from "./check.ts";
import { type ConfigPath, formatPath } from "./config-path.ts";
import { LAYER, LAYER_MARK } from "./definition.ts";
import { type Layer, locate } from "./layer.ts";
import type { Place } from "./places.ts";
import type { FoundProblem } from "./problem.ts";
import type { ConfigText } from "./read-config.ts";
import { isSecret } from "./shape-at.ts";

/** Something wrong, and who says it. */
export interface WrongLayer {
  readonly mismatch: Mismatch;
  readonly layer: Omit<Layer, "value">;
}

/** What is wrong, with where it stands, and the line in question unless a secret stands there too. */
export async function foundProblems(
  wrong: readonly WrongLayer[],
): Promise<readonly FoundProblem[]> {
  const hidden = new Map<ConfigText, ReadonlySet<number>>();
  const found: FoundProblem[] = [];
  for (const { mismatch, layer } of wrong) {
    const { path, at, ...said } = mismatch;
    const { source, text } = layer;
    const place = await locate(text, path, at);
    const problem = { source, ...place, path: formatPath(path), ...said };
    if (place === undefined || text === undefined) found.push({ problem });
    else {
      const secrets = hidden.get(text) ?? secretLines(text, await text.places());
      hidden.set(text, secrets);
      const lineText = secrets.has(place.line) ? undefined : text.lines.line(place.line);
      found.push({ problem, lineText });
    }
  }
  return found;
}

/** Lines in which a secret begins. */
function secretLines(text: ConfigText, whole: Place | undefined): ReadonlySet<number> {
  const lines = new Set<number>();
  const look = (place: Place, path: ConfigPath): void => {
    const isStage = typeof path[0] === "string" && path[0].startsWith(LAYER_MARK);
    if (isSecret(LAYER, isStage ? path.slice(1) : path)) lines.add(text.lines.at(place.value).line);
    for (const [name, part] of place.parts) look(part, [...path, name]);
  };
  if (whole !== undefined) look(whole, []);
  return lines;
}
