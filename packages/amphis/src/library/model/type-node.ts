/** A Python type. Names in it are paths at which the type is defined in public, or at which it is defined where it is not public. */
export type TypeNode =
  | NameType
  | UnionType
  | LiteralType
  | TupleType
  | CallableType
  | VariableType
  | UnpackType
  | UnknownType;

/**
 * A class or an alias of a type: `builtins.int`, `numpy.ndarray`, `typing.Any`. Names that `typing` repeats are those of the classes they
 * stand for (`builtins.list`, `collections.abc.Iterable`), and `None` is `None`.
 */
export interface NameType {
  readonly kind: "name";
  readonly path: string;
  readonly arguments?: readonly TypeNode[] | undefined;
}

/** At least two types; `Optional[X]` is one of them. */
export interface UnionType {
  readonly kind: "union";
  readonly of: readonly TypeNode[];
}

/** Values that are exact here; what is not is {@link UnknownType}. */
export interface LiteralType {
  readonly kind: "literal";
  readonly values: readonly (string | number | boolean | null)[];
}

/** `tuple[A, B]` is `of` A and B; of `tuple[A, ...]`, `rest` is A; bare `tuple` is a {@link NameType}. */
export interface TupleType {
  readonly kind: "tuple";
  readonly of: readonly TypeNode[];
  readonly rest?: TypeNode | undefined;
}

/** Without `parameters` it takes whatever it is given. */
export interface CallableType {
  readonly kind: "callable";
  readonly parameters?: readonly TypeNode[] | undefined;
  readonly returns: TypeNode;
}

/** A type parameter of the function, class or alias around it. */
export interface VariableType {
  readonly kind: "variable";
  readonly name: string;
}

/** `*Ts`, or the elements of a tuple within another. */
export interface UnpackType {
  readonly kind: "unpack";
  readonly of: TypeNode;
}

/** What could not be made out: `text` is what Python's source says. */
export interface UnknownType {
  readonly kind: "unknown";
  readonly text: string;
}

export interface TypeParameter {
  readonly name: string;
  /** One type, the parameters of a callable (`ParamSpec`), or any number of types (`TypeVarTuple`). */
  readonly kind: "type" | "parameters" | "types";
  readonly bound?: TypeNode | undefined;
  /** The only types that it may be. */
  readonly constraints?: readonly TypeNode[] | undefined;
  readonly default?: TypeNode | undefined;
}
