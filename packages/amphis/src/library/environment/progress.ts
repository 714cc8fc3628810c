/** What happens while an environment is made, in order. */
export type EnvironmentProgress =
  | {
      /** Another process works on the environments of this project. */
      readonly kind: "waiting";
      readonly holder: string;
    }
  | { readonly kind: "resolving"; readonly requirements: number }
  | { readonly kind: "resolved"; readonly packages: number }
  | {
      /** Small packages, and those in the cache, may not be told of. */
      readonly kind: "downloading";
      readonly package: string;
    }
  | {
      readonly kind: "installing";
      readonly package: string;
      /** From 1. */
      readonly index: number;
      readonly total: number;
    }
  | { readonly kind: "checking"; readonly what: string }
  | { readonly kind: "done"; readonly prefix: string };

export type OnProgress = (progress: EnvironmentProgress) => void;
