import { open } from "node:fs/promises";
import { extname } from "node:path";

import { AmphisError } from "@amphis/protocol";

import { readJson } from "./json-text.ts";
import { scriptPlaces } from "./literal-places.ts";
import { Lines, type Place } from "./places.ts";
import { UnreadableText } from "./unreadable-text.ts";

/** A configuration file as it was read. */
export interface ConfigText {
  readonly file: string;
  readonly text: string;
  readonly lines: Lines;
  /** What it says; nothing of it is checked. */
  readonly value: unknown;
  /** Where its options stand, worked out when somebody asks; undefined where that cannot be told. */
  places(): Promise<Place | undefined>;
}

/** What is made of a text. */
type Reading = Pick<ConfigText, "value" | "places">;

const LARGEST_BYTES = 1_048_576;

/**
 * The text of a file.
 *
 * @throws {AmphisError} CONFIG_NOT_FOUND
 */
export async function textOf(file: string): Promise<string> {
  try {
    await using handle = await open(file, "r");
    const info = await handle.stat();
    if (!info.isFile()) throw new Error("it is no file");
    if (info.size > LARGEST_BYTES) throw new Error(`it is larger than ${LARGEST_BYTES} bytes`);
    return (await handle.readFile("utf8")).replace(/^\u{FEFF}/u, "");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AmphisError(
      "CONFIG_NOT_FOUND",
      `Cannot read the configuration ${file}: ${reason}`,
      { file, reason },
      { cause },
    );
  }
}

/**
 * Reads a text as what the ending of its file says. Modules are run.
 *
 * @throws {UnreadableText}
 */
export async function readText(file: string, text: string): Promise<ConfigText> {
  return { file, text, lines: new Lines(text), ...(await readingOf(file, text)) };
}

async function readingOf(file: string, text: string): Promise<Reading> {
  switch (extname(file)) {
    case ".json": {
      const { value, place } = readJson(text);
      return { value, places: () => Promise.resolve(place) };
    }
    case ".toml":
      return readToml(text);
    default: {
      const { runScript } = await import("./run-script.ts");
      const value = await runScript(file, text);
      return { value, places: () => Promise.resolve(scriptPlaces(text)) };
    }
  }
}

async function readToml(text: string): Promise<Reading> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    const value = parse(text);
    return {
      value,
      places: async () => {
        const { tomlPlaces } = await import("./toml-places.ts");
        return tomlPlaces(text);
      },
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const offset = new Lines(text).offset(error);
    // Its first line says what; the others show the file.
    const said = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /u, "") ?? "";
    throw new UnreadableText("TOML", said, offset, { cause: error });
  }
}
