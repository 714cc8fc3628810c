import { type Doc, findMember, type LibraryModel, type Member } from "../model/index.ts";
import { TypeTexts } from "../types/index.ts";
import { type Example, namesIn, stepsOf } from "./example.ts";
import type { Resolve } from "./inline.ts";
import { linkFrom, type Place, Places } from "./places.ts";
import { type Translation, translate } from "./translate/index.ts";

/** What all pages of a site have in common. */
export class Site {
  readonly libraries: readonly LibraryModel[];
  readonly places: Places;
  readonly #byName: ReadonlyMap<string, LibraryModel>;
  readonly #types: TypeTexts;
  readonly #names = new Map<string, ReadonlySet<string>>();

  constructor(models: readonly LibraryModel[]) {
    this.#byName = new Map(models.map((model) => [model.name, model]));
    this.libraries = [...this.#byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.places = new Places(this.libraries);
    this.#types = new TypeTexts(this.libraries);
  }

  /** What declarations say of something; nothing where they say nothing. */
  typescript({ library }: Place, path: string): string | undefined {
    const text = this.#types.of(library.name, path)?.trimEnd();
    // What stands in an interface is indented; interfaces beside it are not.
    const parts = text?.split(/\n(?=interface )/u);
    return parts
      ?.map((part) => (part.startsWith("  ") ? part.replaceAll(/^ {2}/gmu, "") : part))
      .join("\n");
  }

  /** The way from a page to what a path leads to; nothing where that is not on the site. */
  href(from: Place, path: string): string | undefined {
    const to = this.places.find(path);
    return to === undefined ? undefined : linkFrom(from.file, to);
  }

  /** Finds what a text on a page names: by its whole path, or from its class, module or library on. */
  resolver(place: Place): Resolve {
    return (name) => {
      if (!/^[\p{L}_][\p{L}\p{N}_.]{0,200}$/u.test(name)) return undefined;
      const outers = new Set([place.path, place.module.path, place.library.name]);
      for (const path of [name, ...[...outers].map((outer) => `${outer}.${name}`)]) {
        const to = this.href(place, path);
        if (to !== undefined) return to;
      }
      return undefined;
    };
  }

  /** The example of what is at a path of a page, if its docs have one. */
  example(place: Place, path: string): Example | undefined {
    return this.#exampleOf(place, path, docAt(place, path));
  }

  /** All examples on a page. */
  *examples(place: Place): Generator<Example> {
    const paths = [place.path, ...place.about.members.map(({ name }) => `${place.path}.${name}`)];
    for (const path of paths) {
      const example = this.example(place, path);
      if (example !== undefined) yield example;
    }
  }

  translation(example: Example): Translation | undefined {
    return translate(example, this.#byName);
  }

  #exampleOf(place: Place, path: string, doc: Doc | undefined): Example | undefined {
    const steps = stepsOf(doc);
    if (steps.length === 0) return undefined;
    const { library, module } = place;
    const id = path === place.path ? place.file : `${place.file}#${path}`;
    const names = namesIn(steps, this.#namesOf(library, module.path));
    return { id, library: library.name, module: module.path, names, steps };
  }

  #namesOf(library: LibraryModel, path: string): ReadonlySet<string> {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const found = findMember(library, path);
    const members = found?.kind === "module" ? found.module.members : [];
    const names = new Set(members.map(({ name }) => name));
    this.#names.set(path, names);
    return names;
  }
}

function docAt(place: Place, path: string): Doc | undefined {
  if (path === place.path) return place.about.doc;
  const name = path.slice(place.path.length + 1);
  const member = membersByName(place).get(name);
  // A class has a page of its own.
  return member !== undefined && member.kind !== "class" && "doc" in member
    ? member.doc
    : undefined;
}

const membersOfPlaces = new WeakMap<Place, ReadonlyMap<string, Member>>();

function membersByName(place: Place): ReadonlyMap<string, Member> {
  const known = membersOfPlaces.get(place);
  if (known !== undefined) return known;
  const members = new Map(place.about.members.map((member) => [member.name, member]));
  membersOfPlaces.set(place, members);
  return members;
}
