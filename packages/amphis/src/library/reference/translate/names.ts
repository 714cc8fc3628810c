import { KEYWORDS } from "./syntax.ts";

/** What programs import from `amphis`, and words that TypeScript keeps for itself. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    "Float Tuple add and div ellipsis eq floorDiv ge gt item keep kw le lt matmul mod mul ne openPython or pow py repr slice str sub xor neg " +
    "arguments await break case catch class console const continue debugger default delete do else enum eval export extends false finally for function " +
    "if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof " +
    "undefined var void while with yield Map Set Infinity NaN"
  ).split(" "),
);

/** Names of the variables of a program: none is taken, and none is there twice. */
export class Variables {
  readonly #used = new Set<string>();

  of(name: string): string {
    let free = TAKEN.has(name) || KEYWORDS.has(name) ? `${name}_` : name;
    for (let count = 2; this.#used.has(free); count += 1) free = `${name}${count}`;
    this.#used.add(free);
    return free;
  }
}
