import { SELF } from "./context.ts";
import type { PrintedMember } from "./print-members.ts";

/** What a class says of its instances: what it has itself, and all that it has with what its bases have. */
export interface Instance {
  readonly own: readonly PrintedMember[];
  readonly all: ReadonlyMap<string, PrintedMember>;
  /** What its interface extends. */
  readonly bases: readonly string[];
  /** Whether it has attributes that nobody declares. */
  readonly isOpen: boolean;
}

/** A base as its interface is called, and what instances have of it. */
export interface Base {
  readonly name: string;
  readonly instance: Instance;
}

/** How a call of an instance is named among its members, in whose interface it has no name. */
const CALL = "__call__";

/** With an index signature nothing can be left out of a base, so everything is repeated. */
export function repeat(own: ReadonlyMap<string, PrintedMember>, bases: readonly Base[]): Instance {
  const all = new Map(own);
  for (const { instance } of bases) addMissing(all, instance);
  return { own: [...all.values()], all, bases: [], isOpen: true };
}

/** TypeScript refuses to inherit what it finds incompatible, so that is left out of the base and declared anew. */
export function inherit(own: ReadonlyMap<string, PrintedMember>, bases: readonly Base[]): Instance {
  const all = new Map(own);
  const inherited = new Set<string>();
  const heritage: string[] = [];
  for (const { name, instance } of bases) {
    const left = leftOut(all, instance);
    addMissing(all, instance);
    for (const key of instance.all.keys()) if (!left.has(key)) inherited.add(key);
    if (left.size === 0) heritage.push(name);
    else if (left.size < instance.all.size) {
      const keys = [...left].map((key) => JSON.stringify(key)).join(" | ");
      heritage.push(`Omit<${name}, ${keys}>`);
    }
  }
  const declared = [...all].flatMap(([key, member]) => (inherited.has(key) ? [] : [member]));
  return { own: declared, all, bases: heritage, isOpen: false };
}

function addMissing(all: Map<string, PrintedMember>, { all: added }: Instance): void {
  for (const [key, member] of added) if (!all.has(key)) all.set(key, member);
}

/** What of a base is something else here: what is declared otherwise, and what gives an instance of its own class. */
function leftOut(
  all: ReadonlyMap<string, PrintedMember>,
  { all: members }: Instance,
): ReadonlySet<string> {
  const left = new Set<string>();
  for (const [key, { text }] of members) {
    if ((all.get(key)?.text ?? text) !== text || text.includes(SELF)) left.add(key);
  }
  // With anything else, what is without a name is left out too; alone it cannot be.
  if (left.has(CALL)) return new Set(members.keys());
  if (left.size > 0 && members.has(CALL)) left.add(CALL);
  return left;
}
