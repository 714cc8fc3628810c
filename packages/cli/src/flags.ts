/** What every command that asks Python takes. */
export interface ReadFlags {
  readonly python?: string;
  readonly json?: boolean;
}

export interface TypesFlags extends ReadFlags {
  readonly out: string;
  readonly check?: boolean;
}

export interface SearchFlags extends ReadFlags {
  readonly out: string;
  readonly limit: string;
  readonly library?: readonly string[];
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
