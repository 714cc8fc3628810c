import type { ClassModel } from "../model/index.ts";
import type { TypeFile } from "./context.ts";

/** Classes whose subclasses travel as they do. */
const VALUES: ReadonlySet<string> = new Set([
  ..."str int float complex bytes bytearray list tuple dict set frozenset"
    .split(" ")
    .map((name) => `builtins.${name}`),
  ..."datetime date time timedelta".split(" ").map((name) => `datetime.${name}`),
  "array.array",
  "collections.deque",
  "collections.OrderedDict",
  "collections.defaultdict",
  "decimal.Decimal",
  "numpy.ndarray",
  "pathlib.PurePath",
  "uuid.UUID",
]);

/** Paths of a class and of its bases, as far as they are known, the class first. */
export function lineage(file: TypeFile, model: ClassModel): readonly string[] {
  const paths = new Set<string>();
  const open: ClassModel[] = [model];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (paths.has(at.path)) continue;
    paths.add(at.path);
    for (const base of at.bases) {
      if (base.kind !== "name") continue;
      const declared = file.declared(base.path)?.model;
      if (declared?.kind === "class") open.push(declared);
      else paths.add(base.path);
    }
  }
  return [...paths];
}

/** The class of values as which instances of a class travel; none where they stay in Python. */
export function valueBase(file: TypeFile, model: ClassModel): string | undefined {
  return lineage(file, model).find((path) => VALUES.has(path));
}
