import type { TypeNode, TypeParameter } from "./type-node.ts";

/** The format of models on disk and between processes; another number is another format. */
export const MODEL_FORMAT = 1;

/**
 * The public surface of a Python library.
 *
 * Public is what `__all__` names; where there is none, what has no leading underscore and belongs to the package. Each object is described
 * once, under one path; every other public name of it is an {@link AliasModel}.
 */
export interface LibraryModel {
  readonly format: typeof MODEL_FORMAT;
  /** Name of the top module, such as `sklearn`. */
  readonly name: string;
  /** Version of the distribution, or of Python for its own modules. */
  readonly version?: string | undefined;
  /** Name of the distribution, such as `scikit-learn`; none for modules of Python itself and loose files. */
  readonly distribution?: string | undefined;
  /** Version of the Python that was asked, such as `3.11.7`. */
  readonly python: string;
  /** The top module first, each before its submodules. */
  readonly modules: readonly ModuleModel[];
  /** What public signatures name although no public name leads to it: private classes and aliases of types, also those of other libraries. */
  readonly hidden: readonly (ClassModel | TypeAliasModel)[];
}

export interface ModuleModel {
  /** As it is imported: `numpy.linalg`. */
  readonly path: string;
  readonly doc?: Doc | undefined;
  readonly deprecated?: string | undefined;
  readonly members: readonly Member[];
  /** Why it could not be imported, in one line; its members are then what its source or stub says. */
  readonly failure?: string | undefined;
}

/** What a name in a module or in a class stands for. */
export type Member =
  | FunctionModel
  | ClassModel
  | PropertyModel
  | ValueModel
  | TypeAliasModel
  | ModuleLink
  | AliasModel;

/**
 * A function, a method, or another object that is called like one, such as a ufunc.
 */
export interface FunctionModel {
  readonly kind: "function";
  readonly name: string;
  /** `numpy.linalg.norm`, `numpy.ndarray.sum`. */
  readonly path: string;
  /** Its overloads, in the order in which they are tried; none where nobody says how it is called. */
  readonly signatures: readonly Signature[];
  /** What Python itself says, where {@link signatures} are several, or differ from it. It decides which arguments are accepted. */
  readonly runtime?: Signature | undefined;
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  readonly isAsyncGenerator: boolean;
  /** Of what it is a method, in a class: of an instance, of the class, or of neither. */
  readonly binding?: "instance" | "class" | "static" | undefined;
  /** What is said about its deprecation; empty where nothing is. */
  readonly deprecated?: string | undefined;
  readonly doc?: Doc | undefined;
}

/** One way to call a function, without the instance or class that a method is bound to. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  /**
   * What a call gives; what awaiting it gives, for a coroutine function. Of a constructor, only where that is more than its class: a class
   * whose arguments depend on the overload.
   */
  readonly returns?: TypeNode | undefined;
  readonly typeParameters?: readonly TypeParameter[] | undefined;
  /** Deprecation of this overload alone. */
  readonly deprecated?: string | undefined;
  /** Where its types are from; of `runtime` and `docstring`, which know none, where its parameters are from. */
  readonly source: "stub" | "annotations" | "runtime" | "docstring";
  /** Present where Python itself says that these are its parameters, and nothing that takes others stands before it. */
  readonly isExact?: boolean | undefined;
}

export interface Parameter {
  readonly name: string;
  /** By position only, either way, `*args`, by keyword only, `**kwargs`. */
  readonly kind: "positional" | "any" | "rest" | "keyword" | "keywords";
  readonly type?: TypeNode | undefined;
  readonly isOptional: boolean;
  /** As Python shows it, else as its source writes it, shortened; none where nobody says. */
  readonly default?: string | undefined;
}

export interface ClassModel {
  readonly kind: "class";
  readonly name: string;
  readonly path: string;
  /** Without `object`. Members of bases that are not public are among its own. */
  readonly bases: readonly TypeNode[];
  readonly typeParameters?: readonly TypeParameter[] | undefined;
  /** How an instance is made; none where nobody says. */
  readonly constructors: readonly Signature[];
  /** What Python itself says of how an instance is made, as in {@link FunctionModel}. */
  readonly runtime?: Signature | undefined;
  readonly members: readonly Member[];
  readonly nature?:
    | "enum"
    | "dataclass"
    | "exception"
    | "protocol"
    | "typed-dict"
    | "named-tuple"
    | undefined;
  readonly isAbstract?: boolean | undefined;
  readonly deprecated?: string | undefined;
  readonly doc?: Doc | undefined;
}

/** An attribute of instances, computed or stored. */
export interface PropertyModel {
  readonly kind: "property";
  readonly name: string;
  readonly path: string;
  readonly type?: TypeNode | undefined;
  readonly isReadonly: boolean;
  /** Whether the class itself has it too. */
  readonly isStatic: boolean;
  readonly deprecated?: string | undefined;
  readonly doc?: Doc | undefined;
}

/** A constant or variable of a module. */
export interface ValueModel {
  readonly kind: "value";
  readonly name: string;
  readonly path: string;
  readonly type?: TypeNode | undefined;
  /** As Python shows it, shortened; only of plain values, whose text says no more than they do. */
  readonly value?: string | undefined;
  readonly doc?: Doc | undefined;
}

/** A name for a type: `ArrayLike`. */
export interface TypeAliasModel {
  readonly kind: "type";
  readonly name: string;
  readonly path: string;
  readonly typeParameters?: readonly TypeParameter[] | undefined;
  readonly target: TypeNode;
}

/** A module that is an attribute of another one. */
export interface ModuleLink {
  readonly kind: "module";
  readonly name: string;
  /** Its path in the model, or in that of another library. */
  readonly target: string;
}

/** Another name of what is described elsewhere. */
export interface AliasModel {
  readonly kind: "alias";
  readonly name: string;
  /** Where it is described, in this model or in that of another library. */
  readonly target: string;
}

/** What a docstring says, its markup as it stands. */
export interface Doc {
  /** Its first sentence or paragraph, in one line. */
  readonly summary?: string | undefined;
  /** What follows, without the parts below. */
  readonly text?: string | undefined;
  readonly parameters?: readonly DocParameter[] | undefined;
  readonly returns?: string | undefined;
  readonly yields?: string | undefined;
  readonly raises?: readonly DocRaise[] | undefined;
  readonly examples?: string | undefined;
}

export interface DocParameter {
  readonly name: string;
  /** The type as the docstring words it. */
  readonly type?: string | undefined;
  readonly text: string;
}

export interface DocRaise {
  readonly type: string;
  readonly text: string;
}
