import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));

/** As strict as TypeScript can be told to be, declarations checked too. */
const OPTIONS = {
  target: "ES2023",
  lib: ["ES2023", "ESNext.Disposable"],
  module: "NodeNext",
  types: ["node"],
  typeRoots: [join(ROOT, "node_modules/@types")],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  allowImportingTsExtensions: true,
  noEmit: true,
  paths: {
    amphis: [join(ROOT, "packages/amphis/src/index.ts")],
    "@amphis/protocol": [join(ROOT, "packages/protocol/src/index.ts")],
    "@amphis/native": [join(ROOT, "packages/native/src/index.ts")],
  },
};

/** Compiles a folder of programs and declarations against the sources of this package; gives the errors in that folder. */
export async function compile(
  folder: string,
  programs: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const config = { compilerOptions: OPTIONS, include: ["python-types", "*.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, name), text);
  const tsc = join(ROOT, "node_modules/typescript/lib/tsc.js");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folder], {
    cwd: folder,
    maxBuffer: 1 << 28,
  }).catch((error: unknown) => error as { readonly stdout: string });
  // Paths of what lies elsewhere begin with dots.
  return stdout.split("\n").filter((line) => /^[^.\s].*error TS/u.test(line));
}
