import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** Compiles a program in a project of its own, strictly and against the packages as they are installed; gives the errors. */
export async function compile(folder: string, program: string): Promise<readonly string[]> {
  const lib = ["ES2023", "ESNext.Disposable"];
  const compilerOptions = { module: "NodeNext", lib, types: ["node"], strict: true, noEmit: true };
  const config = { compilerOptions, include: ["python-types", "*.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
  await symlink(MODULES, join(folder, "node_modules"));
  await writeFile(join(folder, "program.ts"), program);
  const tsc = join(MODULES, "typescript/lib/tsc.js");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folder], {
    cwd: folder,
  }).catch((error: unknown) => error as { readonly stdout: string });
  // Paths of what lies elsewhere begin with dots.
  return stdout.split("\n").filter((line) => /^[^.\s].*error TS/u.test(line));
}
