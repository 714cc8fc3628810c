import {
  checkCall,
  type ClassModel,
  findMember,
  type FunctionModel,
  type LibraryModel,
} from "../library/index.ts";
import type { CallOptions } from "../pool/index.ts";
import type { Work, WorkSink } from "../worker/index.ts";
import type { Expression } from "./expression.ts";
import type { Router } from "./origin.ts";
import { Program } from "./program.ts";

type Callable = FunctionModel | ClassModel;

/** Stands before the pools where `checks` is on: refuses calls of described functions and methods that Python would refuse for their arguments. */
export class CheckedCalls implements Router {
  readonly #router: Router;
  readonly #models: ReadonlyMap<string, LibraryModel>;
  /** What names stand for, those too that nothing is known of. */
  readonly #known = new Map<string, Callable | undefined>();

  constructor(router: Router, models: readonly LibraryModel[]) {
    this.#router = router;
    this.#models = new Map(models.map((model) => [model.name, model]));
  }

  submit(work: Work, options: CallOptions, sink: WorkSink): void {
    this.#check(work);
    this.#router.submit(work, options, sink);
  }

  submitSync(work: Work, options: CallOptions): unknown {
    this.#check(work);
    return this.#router.submitSync(work, options);
  }

  stream(work: Work, options: CallOptions): AsyncIterableIterator<unknown> {
    this.#check(work);
    return this.#router.stream(work, options);
  }

  #check(work: Work): void {
    if (work instanceof Program) for (const one of work.expressions) this.#checkLink(one);
    else if (work.function !== undefined) {
      this.#checkNamed(work.function, work.args ?? [], work.kwargs);
    }
  }

  #checkLink(expression: Expression): void {
    if (expression.kind !== "call") return;
    const { target, args, kwargs } = expression;
    const path = pathOf(target);
    if (path !== undefined) this.#checkNamed(path, args, kwargs);
    else if (target.kind === "get" && target.target.kind === "live") {
      const method = this.#method(target.target.object.type, target.name);
      if (method !== undefined) checkCall(method, args, kwargs);
    }
  }

  /** What a name means for an object of a class, unless somebody put something else into that object. */
  #method(type: string, name: string): Callable | undefined {
    const key = `${type}#${name}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const method = methodOf(this.#classAt, type, name);
    if (this.#known.size < MOST_NAMES) this.#known.set(key, method);
    return method;
  }

  readonly #classAt = (path: string): ClassModel | undefined => {
    const found = this.#find(path);
    const member = found?.kind === "member" ? found.member : undefined;
    return member?.kind === "class" ? member : undefined;
  };

  #checkNamed(
    name: string,
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>> | undefined,
  ): void {
    const callable = this.#callable(name);
    if (callable !== undefined) checkCall(callable, args, kwargs);
  }

  #callable(name: string): Callable | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const path = name.replace(":", ".");
    const found = this.#find(path);
    const member = found?.kind === "member" ? found.member : undefined;
    const callable = member?.kind === "function" || member?.kind === "class" ? member : undefined;
    // Names can be without end where a program makes them up.
    if (this.#known.size < MOST_NAMES) this.#known.set(name, callable);
    return callable;
  }

  #find(path: string): ReturnType<typeof findMember> {
    for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
      const model = this.#models.get(path.slice(0, end));
      if (model !== undefined) return findMember(model, path);
    }
    return undefined;
  }
}

const MOST_NAMES = 10_000;
const MOST_BASES = 32;

/** A method of a class or of its bases; where there are several bases, only Python knows which one counts. */
function methodOf(
  classAt: (path: string) => ClassModel | undefined,
  type: string,
  name: string,
): FunctionModel | undefined {
  let path: string | undefined = type;
  for (let steps = 0; path !== undefined && steps < MOST_BASES; steps += 1) {
    const model = classAt(path);
    const member = model?.members.find((one) => one.name === name);
    if (member !== undefined) {
      return member.kind === "function" && member.binding !== undefined ? member : undefined;
    }
    const [base, ...others]: ClassModel["bases"] = model?.bases ?? [];
    path = base?.kind === "name" && others.length === 0 ? base.path : undefined;
  }
  return undefined;
}

/** The name of what is reached by attributes from a module; nothing for all else. */
function pathOf(expression: Expression): string | undefined {
  let names = "";
  let at = expression;
  while (at.kind === "get") {
    names = `.${at.name}${names}`;
    at = at.target;
  }
  const name = at.kind === "name" ? at.name : at.kind === "live" ? at.label : undefined;
  return name === undefined ? undefined : name + names;
}
