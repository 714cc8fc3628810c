import type { LibraryModel } from "../model/index.ts";

/** Where libraries document each name on a page of its own. */
const PAGES: Readonly<Record<string, string>> = {
  numpy: "https://numpy.org/doc/stable/reference/generated/",
  pandas: "https://pandas.pydata.org/docs/reference/api/",
  scipy: "https://docs.scipy.org/doc/scipy/reference/generated/",
  sklearn: "https://scikit-learn.org/stable/modules/generated/",
};

/** The page of Python's or a library's documentation about a path; none where that is not known. */
export function documentationOf(
  model: LibraryModel,
  path: string,
  outer: string,
): string | undefined {
  if (!/^[\p{L}\p{N}_.]+$/u.test(path)) return undefined;
  if (Object.hasOwn(PAGES, model.name)) return `${PAGES[model.name]}${path}.html`;
  // Modules of Python have its version, and belong to no distribution.
  if (model.distribution !== undefined || model.version !== model.python) return undefined;
  const version = model.python.split(".").slice(0, 2).join(".");
  const top = model.name === "builtins" ? "functions" : outer;
  const anchor = model.name === "builtins" ? path.slice("builtins.".length) : path;
  return `https://docs.python.org/${version}/library/${top}.html#${anchor}`;
}
