import { ansi, type Paint, plain } from "./color.ts";
import { LIMITS, type PrintLimits, type PrintOptions, resolvePrintOptions } from "./options.ts";
import { bareText, bytesText } from "./text.ts";

/** The fields of a frame; a decoded frame has them. */
export interface PrintableFrame {
  readonly kind: string;
  readonly version: number;
  readonly callId: number;
  readonly priority: string;
  readonly codec: string;
  readonly body: Uint8Array;
  readonly attachments: readonly { readonly kind: string; readonly data: Uint8Array }[];
}

/** A frame as text for people: its header in words, its body as bytes. */
export function formatFrame(frame: PrintableFrame, options?: PrintOptions): string {
  const { style, color } = resolvePrintOptions(options);
  const paint = color ? ansi : plain;
  const limits = LIMITS[style];
  const fields: (readonly [name: string, text: string])[] = [
    ...(style === "verbose" ? [["version", String(frame.version)] as const] : []),
    ...(frame.callId === 0 ? [] : [["callId", String(frame.callId)] as const]),
    ["priority", bareText(frame.priority)],
    ["codec", bareText(frame.codec)],
    ["body", paint(bytesText(frame.body, limits.bytes), "scalar")],
  ];
  const attachments = attachmentTexts(frame, limits, paint);
  const head = `frame ${bareText(frame.kind)}`;
  if (style === "compact") {
    if (attachments.length > 0) fields.push(["attachments", `[${attachments.join(", ")}]`]);
    return [head, ...fields.map(([name, text]) => `${name}=${text}`)].join(" ");
  }
  if (attachments.length > 0) {
    fields.push(["attachments", listText(frame.attachments.length, limits.items, attachments)]);
  }
  return [head, ...fields.map(([name, text]) => `${name}: ${text}`)].join("\n  ");
}

function listText(count: number, shown: number, lines: readonly string[]): string {
  return [
    `list of ${count}`,
    ...lines.map((line, index) => (index < shown ? `${index}: ${line}` : line)),
  ].join("\n    ");
}

/** One text per attachment, and a last one that counts those beyond the limit. */
function attachmentTexts(
  { attachments }: PrintableFrame,
  limits: PrintLimits,
  paint: Paint,
): string[] {
  const texts = attachments
    .slice(0, limits.items)
    .map(({ kind, data }) => `${bareText(kind)} ${paint(bytesText(data, limits.bytes), "scalar")}`);
  const rest = attachments.length - texts.length;
  return rest > 0 ? [...texts, paint(`… ${rest} more`, "note")] : texts;
}
