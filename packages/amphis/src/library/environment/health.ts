import { runTool, type ToolSurroundings } from "./tool.ts";

/** A module that cannot be imported, and what Python said. */
export interface ImportProblem {
  readonly module: string;
  readonly reason: string;
}

/** Each answer is a line of its own on a descriptor that modules do not write to. */
const IMPORTS = `
import importlib, os, sys
out = os.dup(1)
os.dup2(2, 1)
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        answer = "+"
    except BaseException as error:
        answer = type(error).__name__ + ": " + str(error)
    os.write(out, ("\\x01" + name + "\\x02" + " ".join(answer.split())[:2000] + "\\n").encode("utf-8", "replace"))
os._exit(0)
`;

/** Imports modules in one Python of the environment, and tells which fail. One that ends the process fails with how it ended. */
export async function failingImports(
  python: string,
  modules: readonly string[],
  surroundings: ToolSurroundings,
): Promise<readonly ImportProblem[]> {
  const problems: ImportProblem[] = [];
  let rest = modules;
  while (rest.length > 0) {
    const end = await runTool(python, ["-I", "-c", IMPORTS, ...rest], surroundings);
    const answers = answersIn(end.stdout);
    for (const [at, module] of rest.slice(0, answers.length).entries()) {
      const reason = answers[at] ?? "";
      if (reason !== "+") problems.push({ module, reason });
    }
    const [ended] = rest.slice(answers.length);
    if (ended === undefined) break;
    const said = end.stderr.trim().split("\n").slice(-3).join(" ");
    problems.push({ module: ended, reason: `Python ended while it was imported: ${said}` });
    rest = rest.slice(answers.length + 1);
  }
  return problems;
}

function answersIn(stdout: string): readonly string[] {
  return [...stdout.matchAll(/\u0001[^\u0002]*\u0002([^\n]*)\n/gu)].map(
    ([, answer = ""]) => answer,
  );
}
