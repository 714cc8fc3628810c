import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const suites =
  process.env["AMPHIS_SUITES"] ??
  fileURLToPath(new URL("../../../../../shared/suites", import.meta.url));

/** Where the published files of Arrow are; they are no part of the repository. */
export const suite = `${suites}/arrow-ipc`;

export const isSuitePresent = existsSync(suite);

export const WHY_ABSENT = "its folder is absent; set AMPHIS_SUITES to where the suites are";

/** Refused, with what the error names. All others are equal to their JSON. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/1\.0\.0-bigendian/u, "big-endian data"],
  [/2\.0\.0-compression.*lz4/u, "LZ4 compression"],
  [/2\.0\.0-compression.*zstd/u, "ZSTD compression"],
  [/generated_list_view/u, "the list view type"],
  [/generated_run_end_encoded/u, "run-end encoding"],
  [/generated_duplicate_fieldnames/u, 'a struct with two fields named ""'],
];

export function filesOf(folder: string, pattern: RegExp): readonly string[] {
  if (!existsSync(`${suite}/${folder}`)) return [];
  return readdirSync(`${suite}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name))
    .map((name) => `${folder}/${name}`)
    .toSorted();
}

/** Streams and files with gold data. */
export const GOLDEN: readonly string[] = filesOf("integration", /\.(?:stream|arrow_file)$/u);

/** Which part of Arrow a file is refused for, if any. */
export function refusedFor(name: string): string | undefined {
  return REFUSED.find(([pattern]) => pattern.test(name))?.[1];
}

export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${suite}/${name}`));
}
