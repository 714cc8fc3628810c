/** What a change does to programs: those that worked may fail, there is more than before, or neither is certain. */
export type Impact = "breaking" | "added" | "changed";

/** One thing in the public surface of a library that is not what it was. */
export interface SurfaceChange {
  readonly impact: Impact;
  readonly kind:
    | "removed"
    | "added"
    | "kind"
    | "call"
    | "parameter-removed"
    | "parameter-renamed"
    | "parameter-required"
    | "parameter-added"
    | "parameter-kind"
    | "parameter-order"
    | "default"
    | "type"
    | "returns"
    | "value"
    | "readonly"
    | "bases"
    | "deprecated"
    | "import";
  /** Public name: `numpy.linalg.norm`. */
  readonly path: string;
  /** Parameter that it is about. */
  readonly parameter?: string | undefined;
  /** For people, one line. */
  readonly text: string;
}

/** What became of a library's public surface. */
export interface SurfaceComparison {
  readonly library: string;
  /** Versions, where they are known. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Calls and names that worked and do not any more. */
  readonly breaking: readonly SurfaceChange[];
  readonly added: readonly SurfaceChange[];
  /** What may matter: defaults, values, types of which it is not certain who accepts what. */
  readonly changed: readonly SurfaceChange[];
}

/** Where changes are put down while two surfaces are compared. */
export class Changes {
  readonly #all: SurfaceChange[] = [];

  breaking(kind: SurfaceChange["kind"], path: string, text: string, parameter?: string): void {
    this.#all.push({ impact: "breaking", kind, path, parameter, text });
  }

  added(kind: SurfaceChange["kind"], path: string, text: string, parameter?: string): void {
    this.#all.push({ impact: "added", kind, path, parameter, text });
  }

  changed(kind: SurfaceChange["kind"], path: string, text: string, parameter?: string): void {
    this.#all.push({ impact: "changed", kind, path, parameter, text });
  }

  /** By path, each once. */
  of(impact: Impact): readonly SurfaceChange[] {
    const known = new Map<string, SurfaceChange>();
    for (const change of this.#all.filter((each) => each.impact === impact)) {
      known.set(JSON.stringify([change.path, change.kind, change.parameter]), change);
    }
    return [...known.values()].sort((one, other) =>
      one.path < other.path ? -1 : Number(one.path > other.path),
    );
  }
}
