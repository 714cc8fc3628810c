/** What every command that asks Python takes. */
export interface ReadFlags {
  readonly python?: string;
  readonly json?: boolean;
}

export interface HelpFlags extends ReadFlags {
  readonly environment?: string;
}

export interface ReviewFlags extends HelpFlags {
  readonly all?: boolean;
}

export interface DecisionFlags extends ReadFlags {
  readonly reason?: string;
  readonly by?: string;
  readonly fingerprint?: string;
}

export interface TypesFlags extends ReadFlags {
  readonly environment?: readonly string[];
  readonly out: string;
  readonly check?: boolean;
}

export interface SearchFlags extends HelpFlags {
  readonly out: string;
  readonly limit: string;
  readonly library?: readonly string[];
}

export interface ReferenceFlags extends HelpFlags {
  readonly out: string;
  readonly types: string;
  /** The port, where one is named. */
  readonly serve?: boolean | string;
}

export interface CallFlags {
  readonly python?: string;
  readonly keywords?: string;
  readonly timeout?: string;
}

/** What every command takes that works on environments of the project. */
export interface EnvironmentFlags {
  readonly environment?: readonly string[];
  readonly json?: boolean;
}

export interface InstallFlags extends EnvironmentFlags {
  readonly frozen?: boolean;
  readonly offline?: boolean;
}

export interface LockFlags extends EnvironmentFlags {
  readonly check?: boolean;
  readonly offline?: boolean;
}

export interface VerifyFlags extends EnvironmentFlags {
  readonly repair?: boolean;
}

export interface UpdateFlags extends EnvironmentFlags {
  readonly out: string;
  readonly all?: boolean;
}

export interface ConfigFlags {
  readonly config?: string;
  readonly json?: boolean;
}
