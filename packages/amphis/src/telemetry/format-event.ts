import type { NamedEvent } from "./catalogue.ts";
import type { LogLevel } from "./level.ts";

const MAX_TEXT = 1024;
const MAX_LIST = 16;

/** One line for an event. */
export function formatEvent(
  { name, event }: NamedEvent,
  { level, time }: { readonly level: LogLevel; readonly time: Date },
): string {
  const words = [time.toISOString(), level.toUpperCase().padEnd(7), name];
  for (const [key, value] of Object.entries(event)) addWords(words, key, value);
  return words.join(" ");
}

/** Groups of figures stand side by side: `times.totalMs=3.2`. */
function addWords(words: string[], key: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (isGroup(value)) {
    for (const [inner, one] of Object.entries(value).slice(0, MAX_LIST)) {
      if (one !== undefined) words.push(`${key}.${quoted(inner)}=${wordOf(one)}`);
    }
    return;
  }
  words.push(`${key}=${wordOf(value)}`);
}

function isGroup(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Error)
  );
}

function wordOf(value: unknown): string {
  switch (typeof value) {
    case "number":
      return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
    case "boolean":
    case "bigint":
      return String(value);
    case "string":
      return quoted(value);
    default:
      return Array.isArray(value) ? listOf(value) : quoted(textOf(value));
  }
}

function listOf(values: readonly unknown[]): string {
  const words = values.slice(0, MAX_LIST).map(wordOf);
  return `[${words.join(",")}${values.length > MAX_LIST ? `,+${values.length - MAX_LIST}` : ""}]`;
}

/** An error may be anything that was thrown, with a message that throws in turn. */
function textOf(value: unknown): string {
  try {
    if (value instanceof Error) return value.message;
    return typeof value === "object" ? (JSON.stringify(value) ?? "") : String(value);
  } catch {
    return "unreadable";
  }
}

function quoted(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  if (/^[\w.:/@+-]+$/.test(short)) return short;
  // JSON leaves these as they are, and terminals and readers of lines act on them.
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
