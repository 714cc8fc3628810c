import { type EventName, subscribe, type Unsubscribe } from "./catalogue.ts";
import { formatEvent } from "./format-event.ts";
import { checkLevel, isAtLeast, levelOf, type LogLevel, namesFrom } from "./level.ts";

export interface LogOptions {
  /** What is logged. @default every event */
  readonly names?: readonly EventName[] | undefined;
  /** Events that matter less are left out, and cost nothing where that is known of all events of a name. @default "info" */
  readonly minLevel?: LogLevel | undefined;
  /** Takes a line, without its newline. It must not throw. @default writes it to standard error */
  readonly write?: ((line: string) => void) | undefined;
}

/**
 * Logs events, one line each: time, level, name, then `key=value`.
 *
 * Whatever an event says cannot break a line or forge one: texts are quoted as in JSON where they are not plain words.
 *
 * @returns what ends it
 * @throws {RangeError} when there is no event or no level of a name
 */
export function logEvents({
  names,
  minLevel = "info",
  write = writeToStandardError,
}: LogOptions = {}): Unsubscribe {
  checkLevel(minLevel);
  return subscribe(
    (named) => {
      const level = levelOf(named);
      if (isAtLeast(level, minLevel)) write(formatEvent(named, { level, time: new Date() }));
    },
    namesFrom(minLevel, names),
  );
}

function writeToStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
