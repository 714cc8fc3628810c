import { nearNames } from "@amphis/protocol";

import type { LibraryModel, Member, ModuleModel } from "./model.ts";

/** What a path leads to. */
export type FoundMember =
  | { readonly kind: "module"; readonly path: string; readonly module: ModuleModel }
  | { readonly kind: "member"; readonly path: string; readonly member: Member };

/** So many names that stand for another one are followed. */
const MAX_STEPS = 16;

/**
 * What a dotted path such as `numpy.linalg.norm` leads to, through aliases and links between modules.
 *
 * `path` of what was found is where it is described. Nothing is found where the path leads out of the library.
 */
export function findMember(model: LibraryModel, path: string): FoundMember | undefined {
  return find(indexOf(model), path, 0);
}

function find(index: Index, path: string, steps: number): FoundMember | undefined {
  const module = index.modules.get(path);
  if (module !== undefined) return { kind: "module", path, module };
  if (steps > MAX_STEPS) return undefined;
  const member = index.members.get(path);
  if (member !== undefined) {
    return "target" in member && member.kind !== "type"
      ? find(index, member.target, steps + 1)
      : { kind: "member", path, member };
  }
  // A part before the last may be another name.
  const end = path.lastIndexOf(".");
  if (end < 0) return undefined;
  const outer = find(index, path.slice(0, end), steps + 1);
  const moved = outer === undefined ? path : `${outer.path}${path.slice(end)}`;
  return moved === path ? undefined : find(index, moved, steps + 1);
}

/** The public names in a module or class, aliases among them; none where the path leads to nothing that has any. */
export function membersOf(model: LibraryModel, path: string): readonly Member[] {
  const found = findMember(model, path);
  if (found === undefined) return [];
  if (found.kind === "module") return found.module.members;
  return found.member.kind === "class" ? found.member.members : [];
}

/** Paths that a mistyped one may stand for, nearest first: its last name among those of what is before it, else any module. */
export function nearMembers(model: LibraryModel, path: string): string[] {
  const end = path.lastIndexOf(".");
  const outer = end < 0 ? "" : path.slice(0, end);
  const names = membersOf(model, outer).map(({ name }) => name);
  const near = nearNames(path.slice(end + 1), names).map((name) => `${outer}.${name}`);
  return near.length > 0
    ? near
    : nearNames(
        path,
        model.modules.map((module) => module.path),
      );
}

interface Index {
  readonly modules: ReadonlyMap<string, ModuleModel>;
  readonly members: ReadonlyMap<string, Member>;
}

/** One index for each model, as long as that lives. */
const indexes = new WeakMap<LibraryModel, Index>();

function indexOf(model: LibraryModel): Index {
  const known = indexes.get(model);
  if (known !== undefined) return known;
  const members = new Map<string, Member>();
  for (const module of model.modules) addAll(members, module.path, module.members);
  for (const hidden of model.hidden) {
    if (!members.has(hidden.path)) members.set(hidden.path, hidden);
    if (hidden.kind === "class") addAll(members, hidden.path, hidden.members);
  }
  const index = { modules: new Map(model.modules.map((one) => [one.path, one])), members };
  indexes.set(model, index);
  return index;
}

function addAll(members: Map<string, Member>, outer: string, added: readonly Member[]): void {
  for (const member of added) {
    const path = `${outer}.${member.name}`;
    members.set(path, member);
    if (member.kind === "class") addAll(members, path, member.members);
  }
}
