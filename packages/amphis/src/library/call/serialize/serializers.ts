import type { TypedValues, Work } from "../../../worker/index.ts";
import type { LibraryOptions, SerializerOptions } from "../../options.ts";

const TYPED = "amphis._internal.worker.typed";

/** All serializers of libraries. Their names are common to a Python; the library that comes first has a name that several give. */
function all(
  libraries: Readonly<Record<string, LibraryOptions>>,
): readonly (readonly [string, SerializerOptions])[] {
  const found = new Map<string, SerializerOptions>();
  for (const { serializers = {} } of Object.values(libraries)) {
    for (const [name, options] of Object.entries(serializers)) {
      if (!found.has(name)) found.set(name, options);
    }
  }
  return [...found];
}

/** The ends of serializers in TypeScript. */
export function typedValues(
  libraries: Readonly<Record<string, LibraryOptions>>,
): readonly TypedValues[] {
  return all(libraries).map(([name, { typescript }]) => ({ name, ...(typescript ?? NOTHING) }));
}

/** Plain values are what is seen, and nothing is made of them. */
const NOTHING: Omit<TypedValues, "name"> = {
  isInstance: () => false,
  toPlain: (value) => value,
  fromPlain: (plain) => plain,
};

/** Tells a worker of the ends in Python; undefined where there is none. */
export function registration(
  libraries: Readonly<Record<string, LibraryOptions>>,
): Work | undefined {
  const given = all(libraries).map(([name, { type, toPlain, fromPlain }]) => ({
    name,
    type,
    toPlain,
    ...(fromPlain === undefined ? {} : { fromPlain }),
  }));
  if (given.length === 0) return undefined;
  const name = `${TYPED}:register`;
  return { kind: "call", name, function: name, args: [given] };
}
