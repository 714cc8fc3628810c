import { compareVersions, parseSpecifier, parseVersion, satisfies } from "./version.ts";

/** What conditions on packages are evaluated with: `python_version`, `sys_platform` and their kin, as PEP 508 names them. */
export type MarkerEnvironment = Readonly<Record<string, string>>;

/** A condition such as `python_version < "3.12" and sys_platform == "linux"`. */
export type Marker =
  | { readonly kind: "and"; readonly left: Marker; readonly right: Marker }
  | { readonly kind: "or"; readonly left: Marker; readonly right: Marker }
  | {
      readonly kind: "compare";
      readonly left: Operand;
      readonly operator: string;
      readonly right: Operand;
    };

type Operand = { readonly name: string } | { readonly text: string };

const NAMES = new Set([
  "os_name",
  "sys_platform",
  "platform_machine",
  "platform_python_implementation",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_version",
  "python_full_version",
  "implementation_name",
  "implementation_version",
  "extra",
]);
/** Names that old packages use. */
const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ["os.name", "os_name"],
  ["sys.platform", "sys_platform"],
  ["platform.version", "platform_version"],
  ["platform.machine", "platform_machine"],
  ["platform.python_implementation", "platform_python_implementation"],
  ["python_implementation", "platform_python_implementation"],
]);
const VERSIONS = new Set(["python_version", "python_full_version", "implementation_version"]);
const TOKEN = /\s*(?:([()])|'([^'\\]*)'|"([^"\\]*)"|(===|~=|==|!=|<=|>=|<|>)|([a-z_.]+))/uy;
const LONGEST = 4_096;
const DEEPEST = 32;

interface Token {
  readonly kind: "sign" | "text" | "operator" | "word";
  readonly value: string;
}

/** The condition that a text stands for, or undefined when it is none. */
export function parseMarker(text: string): Marker | undefined {
  const tokens = text.length > LONGEST ? undefined : tokensOf(text);
  if (tokens === undefined) return undefined;
  const reader = new TokenReader(tokens);
  const marker = readOr(reader, 0);
  return reader.isAtEnd ? marker : undefined;
}

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match === null) return undefined;
    const [, sign, single, double, operator, word] = match;
    const quoted = single ?? double;
    if (sign !== undefined) tokens.push({ kind: "sign", value: sign });
    else if (quoted !== undefined) tokens.push({ kind: "text", value: quoted });
    else if (operator !== undefined) tokens.push({ kind: "operator", value: operator });
    else tokens.push({ kind: "word", value: word ?? "" });
  }
  return tokens;
}

class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  /** Steps over a token when it is this one. */
  takes(kind: Token["kind"], value: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || token.value !== value) return false;
    this.#at += 1;
    return true;
  }
}

function readOr(reader: TokenReader, depth: number): Marker | undefined {
  let left = readAnd(reader, depth);
  while (left !== undefined && reader.takes("word", "or")) {
    const right = readAnd(reader, depth);
    left = right === undefined ? undefined : { kind: "or", left, right };
  }
  return left;
}

function readAnd(reader: TokenReader, depth: number): Marker | undefined {
  let left = readOne(reader, depth);
  while (left !== undefined && reader.takes("word", "and")) {
    const right = readOne(reader, depth);
    left = right === undefined ? undefined : { kind: "and", left, right };
  }
  return left;
}

function readOne(reader: TokenReader, depth: number): Marker | undefined {
  if (reader.takes("sign", "(")) {
    const inner = depth < DEEPEST ? readOr(reader, depth + 1) : undefined;
    return reader.takes("sign", ")") ? inner : undefined;
  }
  const left = operandOf(reader.next());
  const operator = readOperator(reader);
  const right = operandOf(reader.next());
  if (left === undefined || operator === undefined || right === undefined) return undefined;
  return { kind: "compare", left, operator, right };
}

function readOperator(reader: TokenReader): string | undefined {
  const token = reader.next();
  if (token?.kind === "operator") return token.value;
  if (token?.kind !== "word") return undefined;
  if (token.value === "in") return "in";
  return token.value === "not" && reader.takes("word", "in") ? "not in" : undefined;
}

function operandOf(token: Token | undefined): Operand | undefined {
  if (token?.kind === "text") return { text: token.value };
  if (token?.kind !== "word") return undefined;
  const name = OLD_NAMES.get(token.value) ?? token.value;
  return NAMES.has(name) ? { name } : undefined;
}

/** Whether a condition holds, for one extra of a package if one is named. */
export function holds(marker: Marker, environment: MarkerEnvironment, extra = ""): boolean {
  if (marker.kind === "and") {
    return holds(marker.left, environment, extra) && holds(marker.right, environment, extra);
  }
  if (marker.kind === "or") {
    return holds(marker.left, environment, extra) || holds(marker.right, environment, extra);
  }
  const { left, operator, right } = marker;
  const value = (operand: Operand): string => {
    if ("text" in operand) return operand.text;
    return operand.name === "extra" ? extra : (environment[operand.name] ?? "");
  };
  const isAbout = (names: ReadonlySet<string>): boolean =>
    ("name" in left && names.has(left.name)) || ("name" in right && names.has(right.name));
  if (isAbout(VERSIONS)) {
    const answer = compareAsVersions(value(left), operator, value(right), "name" in left);
    if (answer !== undefined) return answer;
  }
  const isExtra = isAbout(new Set(["extra"]));
  const fold = (text: string): string => (isExtra ? normalized(text) : text);
  return compareAsTexts(fold(value(left)), operator, fold(value(right)));
}

function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/gu, "-");
}

const MIRRORED: Readonly<Record<string, string>> = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

/** Undefined where one of them is no version, or a list of them. */
function compareAsVersions(
  left: string,
  operator: string,
  right: string,
  isLeftVariable: boolean,
): boolean | undefined {
  const [variable, constant] = isLeftVariable ? [left, right] : [right, left];
  const facing = isLeftVariable ? operator : (MIRRORED[operator] ?? operator);
  const version = parseVersion(variable);
  const clauses = parseSpecifier(`${facing}${constant}`);
  if (version === undefined || clauses === undefined) return undefined;
  return satisfies(version, clauses);
}

function compareAsTexts(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case "==":
    case "===":
      return left === right;
    case "!=":
      return left !== right;
    case "in":
      return right.includes(left);
    case "not in":
      return !right.includes(left);
    default:
      return compareInOrder(left, operator, right);
  }
}

function compareInOrder(left: string, operator: string, right: string): boolean {
  const [one, other] = [parseVersion(left), parseVersion(right)];
  const isPair = one !== undefined && other !== undefined;
  const order = isPair ? compareVersions(one, other) : Number(left > right) - Number(left < right);
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  if (operator === ">") return order > 0;
  return operator === ">=" && order >= 0;
}
