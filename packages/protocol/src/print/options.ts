/** `compact` is one line; `verbose` is a tree, indented by two blanks. */
export type PrintStyle = "compact" | "verbose";

export interface PrintOptions {
  /** @default "compact" */
  readonly style?: PrintStyle;
  /** Whether to write ANSI colours; see {@link wantsColor}. @default false */
  readonly color?: boolean;
}

/** How much of a value is shown: the table of spec/printing.md. */
export interface PrintLimits {
  readonly codePoints: number;
  readonly bytes: number;
  readonly items: number;
  readonly depth: number;
  readonly values: number;
}

export const LIMITS: Readonly<Record<PrintStyle, PrintLimits>> = {
  compact: { codePoints: 80, bytes: 16, items: 10, depth: 4, values: 100 },
  verbose: { codePoints: 400, bytes: 32, items: 50, depth: 12, values: 1_000 },
};

export function resolvePrintOptions(options: PrintOptions = {}): Required<PrintOptions> {
  const { style = "compact", color = false } = options;
  if (style !== "compact" && style !== "verbose") {
    throw new TypeError(
      `Cannot print: style must be "compact" or "verbose", got ${JSON.stringify(style)}`,
    );
  }
  return { style, color };
}
