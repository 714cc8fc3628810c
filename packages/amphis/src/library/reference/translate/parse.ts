import { type Expression, KEYWORDS, refuse, type Statement } from "./syntax.ts";
import { type Token, tokens } from "./tokens.ts";

/** Brackets in brackets; deeper ones are nobody's example. */
const DEEPEST = 40;

/** How tightly operators bind; all of them from the left, but for powers. */
const BINDING: Readonly<Record<string, number>> = {
  "==": 1,
  "!=": 1,
  "<": 1,
  "<=": 1,
  ">": 1,
  ">=": 1,
  "|": 2,
  "^": 3,
  "&": 4,
  "+": 6,
  "-": 6,
  "*": 7,
  "/": 7,
  "//": 7,
  "%": 7,
  "@": 7,
};
const COMPARISON = 1;
const SIGN = 8;

/** @throws {NoTranslation} for every statement but the simplest */
export function parseStatement(source: string): Statement {
  return new Parser(tokens(source)).statement();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  statement(): Statement {
    const statement = this.#statement();
    if (this.#peek().kind !== "end") refuse();
    return statement;
  }

  #statement(): Statement {
    if (this.#takeWord("import")) {
      const module = this.#dotted();
      const as = this.#takeWord("as") ? this.#name() : undefined;
      if (as === undefined && module.includes(".")) refuse();
      return { kind: "import", module, name: as ?? module };
    }
    if (this.#takeWord("from")) return this.#from();
    const [first, second] = [this.#peek(), this.#tokens[this.#at + 1]];
    if (first.kind === "name" && second?.kind === "operator" && second.text === "=") {
      const name = this.#name();
      this.#expect("=");
      return { kind: "assign", name, value: this.#listed() };
    }
    return { kind: "expression", value: this.#listed() };
  }

  #from(): Statement {
    const module = this.#dotted();
    if (!this.#takeWord("import")) refuse();
    const isOpen = this.#take("(");
    const names: (readonly [string, string])[] = [];
    do {
      const name = this.#name();
      names.push([name, this.#takeWord("as") ? this.#name() : name]);
    } while (this.#take(","));
    if (isOpen) this.#expect(")");
    return { kind: "from", module, names };
  }

  #dotted(): string {
    let name = this.#name();
    while (this.#take(".")) name += `.${this.#name()}`;
    return name;
  }

  /** An expression, or a tuple without brackets. */
  #listed(): Expression {
    const first = this.#expression(0);
    if (!this.#take(",")) return first;
    const items = [first];
    while (this.#peek().kind !== "end") {
      items.push(this.#expression(0));
      if (!this.#take(",")) break;
    }
    return { kind: "tuple", items };
  }

  #expression(least: number): Expression {
    this.#depth += 1;
    if (this.#depth > DEEPEST) refuse();
    let left = this.#signed();
    for (;;) {
      const { kind, text } = this.#peek();
      const binding =
        kind === "operator" && Object.hasOwn(BINDING, text) ? BINDING[text] : undefined;
      if (binding === undefined || binding <= least) break;
      this.#at += 1;
      const right = this.#expression(binding);
      // `a < b < c` is more than two operations.
      if (binding === COMPARISON && left.kind === "operation" && isComparison(left.operator)) {
        refuse();
      }
      left = { kind: "operation", operator: text, left, right };
    }
    this.#depth -= 1;
    return left;
  }

  #signed(): Expression {
    if (this.#take("-")) return { kind: "negative", of: this.#expression(SIGN) };
    const base = this.#postfix(this.#atom());
    if (!this.#take("**")) return base;
    // A sign may follow, and further powers bind more tightly.
    return { kind: "operation", operator: "**", left: base, right: this.#expression(SIGN) };
  }

  #postfix(start: Expression): Expression {
    let target = start;
    for (;;) {
      if (this.#take(".")) target = { kind: "attribute", target, name: this.#name() };
      else if (this.#take("(")) target = this.#call(target);
      else if (this.#take("[")) target = { kind: "item", target, keys: this.#keys() };
      else return target;
    }
  }

  #call(target: Expression): Expression {
    const args: Expression[] = [];
    const kwargs: (readonly [string, Expression])[] = [];
    while (!this.#take(")")) {
      const next = this.#tokens[this.#at + 1];
      if (this.#peek().kind === "name" && next?.kind === "operator" && next.text === "=") {
        const name = this.#name();
        this.#expect("=");
        kwargs.push([name, this.#expression(0)]);
      } else if (kwargs.length > 0) refuse();
      else args.push(this.#expression(0));
      if (!this.#take(",") && !this.#isNext(")")) refuse();
    }
    return { kind: "call", target, args, kwargs };
  }

  #keys(): Expression[] {
    const keys: Expression[] = [];
    do {
      if (this.#isNext("]")) refuse();
      keys.push(this.#key());
    } while (this.#take(","));
    this.#expect("]");
    return keys;
  }

  #key(): Expression {
    const parts: (Expression | undefined)[] = [];
    for (;;) {
      parts.push(
        this.#isNext(":") || this.#isNext("]") || this.#isNext(",")
          ? undefined
          : this.#expression(0),
      );
      if (!this.#take(":")) break;
    }
    const [only] = parts;
    if (parts.length === 1) return only ?? refuse();
    return parts.length <= 3 ? { kind: "slice", parts } : refuse();
  }

  #atom(): Expression {
    const token = this.#peek();
    this.#at += 1;
    switch (token.kind) {
      case "number":
        return {
          kind: "number",
          text: token.text.replaceAll("_", ""),
          isFloat: isFloat(token.text),
        };
      case "string":
        return { kind: "string", value: token.text + this.#moreString() };
      case "name":
        return nameOf(token.text);
      case "operator":
        return this.#bracketed(token.text);
      case "end":
        return refuse();
    }
  }

  #moreString(): string {
    let value = "";
    while (this.#peek().kind === "string") {
      value += this.#peek().text;
      this.#at += 1;
    }
    return value;
  }

  #bracketed(open: string): Expression {
    if (open === "...") return { kind: "ellipsis" };
    if (open === "{") return this.#braced();
    const isList = open === "[";
    if (!isList && open !== "(") refuse();
    const close = isList ? "]" : ")";
    const items: Expression[] = [];
    let hasComma = false;
    while (!this.#take(close)) {
      items.push(this.#expression(0));
      const isMore = this.#take(",");
      hasComma ||= isMore;
      if (!isMore && !this.#isNext(close)) refuse();
    }
    if (isList) return { kind: "list", items };
    const [only] = items;
    return only !== undefined && !hasComma ? only : { kind: "tuple", items };
  }

  #braced(): Expression {
    const entries: (readonly [Expression, Expression])[] = [];
    const items: Expression[] = [];
    while (!this.#take("}")) {
      const key = this.#expression(0);
      if (this.#take(":")) entries.push([key, this.#expression(0)]);
      else items.push(key);
      if (!this.#take(",") && !this.#isNext("}")) refuse();
    }
    if (items.length > 0 && entries.length > 0) refuse();
    return items.length > 0 ? { kind: "set", items } : { kind: "dict", entries };
  }

  #name(): string {
    const { kind, text } = this.#peek();
    if (kind !== "name" || KEYWORDS.has(text)) refuse();
    this.#at += 1;
    return text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "" };
  }

  #isNext(operator: string): boolean {
    const { kind, text } = this.#peek();
    return kind === "operator" && text === operator;
  }

  #take(operator: string): boolean {
    const isNext = this.#isNext(operator);
    if (isNext) this.#at += 1;
    return isNext;
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#peek();
    const isNext = kind === "name" && text === word;
    if (isNext) this.#at += 1;
    return isNext;
  }

  #expect(operator: string): void {
    if (!this.#take(operator)) refuse();
  }
}

function isComparison(operator: string): boolean {
  return BINDING[operator] === COMPARISON;
}

function isFloat(text: string): boolean {
  return !/^0[xXoObB]/u.test(text) && /[.eE]/u.test(text);
}

function nameOf(text: string): Expression {
  if (text === "True" || text === "False") return { kind: "constant", value: text === "True" };
  if (text === "None") return { kind: "constant", value: null };
  if (KEYWORDS.has(text)) refuse();
  return { kind: "name", name: text };
}
