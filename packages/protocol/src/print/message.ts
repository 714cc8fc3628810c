import { formatInstant } from "../value/index.ts";
import { ansi, plain } from "./color.ts";
import { type PrintOptions, type PrintStyle, resolvePrintOptions } from "./options.ts";
import { bareText, quotedText } from "./text.ts";
import { ValuePrinter } from "./value.ts";

/** The fields of a message; a message has them, and so has a plain object made of them. */
export interface PrintableMessage {
  readonly type: string;
  readonly id: string;
  readonly correlationId?: string | undefined;
  readonly source: string;
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly priority: string;
  readonly ttlMs?: number | undefined;
  readonly schema?: string | undefined;
  readonly version: number;
  readonly metadata: unknown;
  readonly payload: unknown;
}

type Field = readonly [name: string, text: string];

/** A message as text for people, with the promises of {@link formatValue}. Fields that have their default are left out. */
export function formatMessage(message: PrintableMessage, options?: PrintOptions): string {
  const { style, color } = resolvePrintOptions(options);
  const printer = new ValuePrinter(style, color ? ansi : plain);
  const fields = [
    ...headerFields(message, style, printer),
    ...valueFields(message, style, printer),
  ];
  const type = bareText(message.type);
  if (style === "compact") {
    return [type, ...fields.map(([name, text]) => `${name}=${text}`)].join(" ");
  }
  return [`message ${type}`, ...fields.map(([name, text]) => `${name}: ${text}`)].join("\n  ");
}

function headerFields(
  message: PrintableMessage,
  style: PrintStyle,
  printer: ValuePrinter,
): Field[] {
  const quoted = (text: string): string =>
    printer.paint(quotedText(text, printer.limits.codePoints), "text");
  const fields: Field[] = [["id", bareText(message.id)]];
  if (message.correlationId !== undefined) {
    fields.push(["correlationId", bareText(message.correlationId)]);
  }
  if (message.source !== "") fields.push(["source", quoted(message.source)]);
  if (message.target !== "") fields.push(["target", quoted(message.target)]);
  if (style === "verbose") fields.push(["timestamp", instantText(message.timestamp)]);
  if (message.priority !== "normal") fields.push(["priority", bareText(message.priority)]);
  if (message.ttlMs !== undefined) fields.push(["ttlMs", String(message.ttlMs)]);
  if (message.schema !== undefined) fields.push(["schema", quoted(message.schema)]);
  if (message.version !== 1) fields.push(["version", String(message.version)]);
  return fields;
}

function valueFields(message: PrintableMessage, style: PrintStyle, printer: ValuePrinter): Field[] {
  const fields: Field[] = [];
  const print = (name: string, value: unknown): void => {
    fields.push([name, printer.print(value, style === "verbose" ? "  " : "")]);
  };
  if (!isEmpty(message.metadata)) print("metadata", message.metadata);
  print("payload", message.payload);
  return fields;
}

function isEmpty(metadata: unknown): boolean {
  if (metadata instanceof Map) return metadata.size === 0;
  return typeof metadata === "object" && metadata !== null && Object.keys(metadata).length === 0;
}

/** A timestamp may be any integer that a peer sent, also one beyond the years that have a text. */
function instantText(ms: number): string {
  if (!(Math.abs(ms) <= 8.64e15)) return String(ms);
  const seconds = Math.floor(ms / 1_000);
  const year = new Date(ms).getUTCFullYear();
  return year < 0 || year > 9_999
    ? String(ms)
    : formatInstant(seconds, Math.round((ms - seconds * 1_000) * 1_000_000));
}
