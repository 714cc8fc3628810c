import type { LibraryModel } from "../../model/index.ts";
import type { Example, ExampleStep } from "../example.ts";
import { isConstant, write } from "./expression.ts";
import { parseStatement } from "./parse.ts";
import { Scope, type Written } from "./scope.ts";
import { type Expression, NoTranslation, refuse, type Statement } from "./syntax.ts";

/** An example in TypeScript. */
export interface Translation {
  /** A program that can be run as it stands. */
  readonly code: string;
  /** Whether it has all steps of the example: what follows the others has no exact counterpart. */
  readonly isWhole: boolean;
}

/**
 * The steps of an example in TypeScript, up to the first that cannot be said there word by word.
 *
 * What is written does the same in Python, operation for operation: values keep their types, objects stay one object, and signatures allow
 * the calls. Nothing is guessed: where a name leads to nothing that is described, or a value would change on its way, there is the end.
 * Where Python is asked for nothing before that, there is no translation.
 */
export function translate(
  example: Example,
  models: ReadonlyMap<string, LibraryModel>,
): Translation | undefined {
  const scope = new Scope(example, models);
  let steps = 0;
  let useful = 0;
  for (const step of example.steps) {
    const before = scope.lines.length;
    const doesSomething = tryStep(step, scope);
    if (doesSomething === undefined) {
      scope.lines.length = before;
      break;
    }
    steps += 1;
    if (doesSomething) useful = scope.lines.length;
  }
  if (useful === 0) return undefined;
  const isWhole = steps === example.steps.length;
  return { code: programText(scope, scope.lines.slice(0, isWhole ? undefined : useful)), isWhole };
}

/** Whether a step asks Python for something; nothing where it cannot be translated. */
function tryStep(step: ExampleStep, scope: Scope): boolean | undefined {
  if (step.isSkipped || step.isError) return undefined;
  try {
    return statement(parseStatement(step.source), scope);
  } catch (error) {
    if (error instanceof NoTranslation) return undefined;
    throw error;
  }
}

function statement(parsed: Statement, scope: Scope): boolean {
  switch (parsed.kind) {
    case "import":
      importModule(parsed.module, parsed.name, scope);
      return false;
    case "from":
      for (const [name, as] of parsed.names) scope.bind(as, scope.member(parsed.module, name, as));
      return false;
    case "assign":
      scope.bind(parsed.name, assigned(parsed.name, parsed.value, scope));
      return true;
    case "expression":
      scope.lines.push(shown(parsed.value, scope));
      return true;
  }
}

function importModule(module: string, name: string, scope: Scope): void {
  scope.bind(name, { code: scope.module(module, name), isPython: true, path: module });
}

/** What a name stands for from now on: one object in Python, or a value that nothing can change. */
function assigned(name: string, expression: Expression, scope: Scope): Written {
  const written = write(expression, scope);
  // Another name of the same.
  if (expression.kind === "name") return written;
  const isObject = !isConstant(expression);
  const code = isObject ? keptText(expression, written, scope) : written.code;
  const variable = scope.declare(name);
  scope.lines.push(`const ${variable} = ${code};`);
  return { code: variable, isPython: isObject };
}

/** Lists and the like are made in Python, as all that use one have it in common. */
function keptText({ kind }: Expression, { code, isPython }: Written, scope: Scope): string {
  const made = isPython ? code : `${scope.module("builtins")}.${kind}(${code})`;
  return `await ${scope.use("keep")}(${made})`;
}

/** What Python's prompt shows of an expression. */
function shown(expression: Expression, scope: Scope): string {
  const printed = printedOf(expression, scope);
  if (printed !== undefined) {
    return `console.log(await ${scope.use("str")}(${pythonCode(printed, scope)}));`;
  }
  const code = pythonCode(expression, scope);
  const isObject = expression.kind === "name";
  return isObject ? `console.log(await ${scope.use("repr")}(${code}));` : `await ${code};`;
}

/** What `print` is given, where it is nothing else. */
function printedOf(expression: Expression, scope: Scope): Expression | undefined {
  if (expression.kind !== "call" || expression.target.kind !== "name") return undefined;
  if (expression.target.name !== "print" || scope.isBound("print")) return undefined;
  const { args, kwargs } = expression;
  return args.length === 1 && kwargs.length === 0 ? args[0] : refuse();
}

function pythonCode(expression: Expression, scope: Scope): string {
  const { code, isPython } = write(expression, scope);
  return isPython ? code : refuse();
}

function programText({ imports }: Scope, lines: readonly string[]): string {
  const body = lines.map((line) => `${line}\n`).join("");
  const used = imports.filter((name) => new RegExp(`(?<![\\w.])${name}\\b`, "u").test(body));
  const named = [...used, "openPython"].toSorted().join(", ");
  return `import { ${named} } from "amphis";\n\nawait using py = await openPython();\n${body}`;
}
