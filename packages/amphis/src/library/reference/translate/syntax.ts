/* The part of Python's syntax that can be said in TypeScript word by word. */

export type Expression =
  | { readonly kind: "number"; readonly text: string; readonly isFloat: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "constant"; readonly value: true | false | null }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "tuple"; readonly items: readonly Expression[] }
  | { readonly kind: "set"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "attribute"; readonly target: Expression; readonly name: string }
  | {
      readonly kind: "call";
      readonly target: Expression;
      readonly args: readonly Expression[];
      readonly kwargs: readonly (readonly [string, Expression])[];
    }
  | { readonly kind: "item"; readonly target: Expression; readonly keys: readonly Expression[] }
  /** Parts that are missing are open ends. */
  | { readonly kind: "slice"; readonly parts: readonly (Expression | undefined)[] }
  | { readonly kind: "ellipsis" }
  | { readonly kind: "negative"; readonly of: Expression }
  | {
      readonly kind: "operation";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

export type Statement =
  | { readonly kind: "import"; readonly module: string; readonly name: string }
  | {
      readonly kind: "from";
      readonly module: string;
      readonly names: readonly (readonly [name: string, as: string])[];
    }
  | { readonly kind: "assign"; readonly name: string; readonly value: Expression }
  | { readonly kind: "expression"; readonly value: Expression };

/** Thrown for everything that is not such a statement, and caught by who asks for a translation. */
export class NoTranslation extends Error {
  override readonly name = "NoTranslation";
}

/** @throws {NoTranslation} */
export function refuse(): never {
  throw new NoTranslation();
}

/** Words that are no names. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  ),
);
