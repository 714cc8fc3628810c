import type { Readable } from "node:stream";

import type { LogEntry } from "../worker/index.ts";

/** Longest line; longer ones come in parts. */
const MOST_CHARACTERS = 8_192;

/** Tells what a process writes to a descriptor itself, past Python's own files, line by line. */
export function tellLines(
  stream: Readable,
  name: "stdout" | "stderr",
  tell: (entry: LogEntry) => void,
): void {
  let rest = "";
  const say = (message: string): void => {
    if (message === "") return;
    const level = name === "stdout" ? "info" : "warning";
    tell({ time: Date.now(), level, logger: "", message, call: 0, stream: name });
  };
  const decoder = new TextDecoder();
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) say(line);
    while (rest.length > MOST_CHARACTERS) {
      say(rest.slice(0, MOST_CHARACTERS));
      rest = rest.slice(MOST_CHARACTERS);
    }
  });
  stream.once("end", () => say(rest));
  // What cannot be read ends the stream, and harms nothing else.
  stream.on("error", () => undefined);
}
