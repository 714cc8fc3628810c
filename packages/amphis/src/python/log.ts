import type { PythonLog } from "./contract.ts";

/** Writes what Python says to standard error: printed lines as they are, logged ones with where they come from. */
export function writeLog({ level, logger, message, stream, exception }: PythonLog): void {
  const line = stream === undefined ? `${level.toUpperCase()} ${logger}: ${message}` : message;
  const trouble = exception === undefined || exception === "" ? "" : `${exception.trimEnd()}\n`;
  process.stderr.write(`${line.endsWith("\n") ? line : `${line}\n`}${trouble}`);
}
