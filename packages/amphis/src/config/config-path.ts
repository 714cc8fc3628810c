/** The way to a value: names of options, and indexes of lists. */
export type ConfigPath = readonly (string | number)[];

const WORD = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

/** As people write it: `libraries.numpy.pure["linalg.*"].ttlMs`. */
export function formatPath(path: ConfigPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!WORD.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

const STEP = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.[\]]+)/uy;

/** @throws {TypeError} for a text that is no path */
export function parsePath(text: string): ConfigPath {
  const path: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const [, index, quoted, word] = STEP.exec(text) ?? notAPath(text);
    if (index !== undefined) path.push(Number(index));
    else path.push(quoted === undefined ? (word ?? "") : unquoted(quoted, text));
  }
  return path;
}

function unquoted(quoted: string, text: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return notAPath(text);
  }
}

function notAPath(text: string): never {
  throw new TypeError(
    `Cannot explain ${JSON.stringify(text)}: it is no path such as pools.default.workers`,
  );
}

/** What stands at a path of plain data; undefined when there is nothing. */
export function valueAt(value: unknown, path: ConfigPath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null) return undefined;
    if (!Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[step];
  }
  return found;
}
