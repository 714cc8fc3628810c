import { ansi, type Paint, plain } from "./color.ts";
import { type Container, containerOf } from "./container.ts";
import {
  LIMITS,
  type PrintLimits,
  type PrintOptions,
  type PrintStyle,
  resolvePrintOptions,
} from "./options.ts";
import { printScalar } from "./scalar.ts";
import { countCodePoints, quotedText } from "./text.ts";

/**
 * A value as text for people.
 *
 * Never throws because of the value, whatever it is, and takes time bounded by the limits of the style; nothing in the text can control a
 * terminal.
 */
export function formatValue(value: unknown, options?: PrintOptions): string {
  const { style, color } = resolvePrintOptions(options);
  return new ValuePrinter(style, color ? ansi : plain).print(value);
}

const BRACKETS = {
  list: ["[", "]"],
  tuple: ["tuple(", ")"],
  set: ["set(", ")"],
  map: ["{", "}"],
  attachment: ["{", "}"],
} as const;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const WORDS: ReadonlySet<string> = new Set(["null", "true", "false", "NaN", "Infinity"]);
/** Longest line, in code points, that a list of scalars may have inside a tree. */
const SHORT_LINE = 72;

/** Prints the values of one text; they share its budget. */
export class ValuePrinter {
  readonly limits: PrintLimits;
  readonly paint: Paint;
  readonly #style: PrintStyle;
  readonly #open: object[] = [];
  #left: number;

  constructor(style: PrintStyle, paint: Paint) {
    this.limits = LIMITS[style];
    this.paint = paint;
    this.#style = style;
    this.#left = this.limits.values;
  }

  /** The value in the style of this printer; the lines of a tree after the first are indented. */
  print(value: unknown, indent = ""): string {
    return this.#guarded(() =>
      this.#style === "compact" ? this.#line(value, this.paint) : this.#tree(value, indent),
    );
  }

  /** A getter or a proxy may throw anything; what cannot be read is said to be so. */
  #guarded(print: () => string): string {
    const depth = this.#open.length;
    try {
      return print();
    } catch {
      this.#open.length = depth;
      return this.paint("<unreadable>", "scalar");
    }
  }

  #line(value: unknown, paint: Paint): string {
    this.#left -= 1;
    const container = containerOf(value);
    if (container === undefined) return printScalar(value, this.limits, paint);
    return (
      this.#closed(container, paint) ?? this.#inside(container, () => this.#items(container, paint))
    );
  }

  #items(container: Container, paint: Paint): string {
    const items: string[] = [];
    for (const [key, value] of this.#entries(container)) {
      if (this.#left <= 0) break;
      const label = isMapping(container) ? `${this.#key(key, paint)}: ` : "";
      items.push(label + this.#guarded(() => this.#line(value, paint)));
    }
    const rest = container.size - items.length;
    if (rest > 0) items.push(more(rest, paint));
    const [open, close] = BRACKETS[container.kind];
    return `${this.#head(container, paint, " ")}${open}${items.join(", ")}${close}`;
  }

  #tree(value: unknown, indent: string): string {
    const container = containerOf(value);
    if (container === undefined) return this.#line(value, this.paint);
    this.#left -= 1;
    const closed = this.#closed(container, this.paint);
    if (closed !== undefined) return closed;
    return this.#inside(
      container,
      () => this.#shortLine(container) ?? this.#lines(container, `${indent}  `),
    );
  }

  #shortLine(container: Container): string | undefined {
    if (isMapping(container)) return undefined;
    if (container.first(this.limits.items).some((item) => containerOf(item) !== undefined)) {
      return undefined;
    }
    const left = this.#left;
    const line = this.#items(container, plain);
    const fits = countCodePoints(line) <= SHORT_LINE;
    if (fits && this.paint === plain) return line;
    this.#left = left;
    return fits ? this.#items(container, this.paint) : undefined;
  }

  #lines(container: Container, indent: string): string {
    const lines = [
      this.#head(container, this.paint, "") || `${container.kind} of ${container.size}`,
    ];
    for (const [key, value] of this.#entries(container)) {
      if (this.#left <= 0) break;
      const label = isMapping(container)
        ? `${this.#key(key, this.paint)}: `
        : container.kind === "set"
          ? "- "
          : `${lines.length - 1}: `;
      lines.push(label + this.#guarded(() => this.#tree(value, indent)));
    }
    const rest = container.size - (lines.length - 1);
    if (rest > 0) lines.push(more(rest, this.paint));
    return lines.join(`\n${indent}`);
  }

  /** The items that the style shows, each with its key where there are keys. */
  #entries(container: Container): readonly (readonly [key: unknown, value: unknown])[] {
    const { items } = this.limits;
    return isMapping(container)
      ? container.first(items)
      : container.first(items).map((item) => [undefined, item]);
  }

  #key(key: unknown, paint: Paint): string {
    if (typeof key !== "string") return this.#guarded(() => this.#line(key, paint));
    this.#left -= 1;
    if (key.length <= this.limits.codePoints && NAME.test(key) && !WORDS.has(key)) return key;
    return paint(quotedText(key, this.limits.codePoints), "text");
  }

  /** What stands for a container whose items are not looked at. */
  #closed(container: Container, paint: Paint): string | undefined {
    if (this.#open.includes(container.identity)) return paint("<circular>", "note");
    const deep = this.#open.length >= this.limits.depth;
    if (!deep && container.size > 0) return undefined;
    if (container.size === 0 && container.kind === "attachment") {
      return this.#head(container, paint, "");
    }
    const [open, close] = BRACKETS[container.kind];
    return `${this.#head(container, paint, " ")}${open}${container.size === 0 ? "" : more(container.size, paint)}${close}`;
  }

  #inside(container: Container, print: () => string): string {
    this.#open.push(container.identity);
    const text = print();
    this.#open.pop();
    return text;
  }

  /** What an attachment shows before its meta; nothing for others. */
  #head(container: Container, paint: Paint, after: string): string {
    if (container.kind !== "attachment") return "";
    const { index, format } = container.identity;
    return (
      paint(`attachment(${index}, ${quotedText(format, this.limits.codePoints)})`, "scalar") + after
    );
  }
}

function isMapping(
  container: Container,
): container is Extract<Container, { kind: "map" | "attachment" }> {
  return container.kind === "map" || container.kind === "attachment";
}

function more(count: number, paint: Paint): string {
  return paint(`… ${count} more`, "note");
}
