/** A Python with the packages that libraries need. Either it is made, or one that there is already is taken as it is. */
export interface PythonEnvironmentOptions {
  /** Version of Python, `3.12` or `3.12.4`; or the path or command of one. @default that of the lock, else the one that is found */
  readonly python?: string | undefined;
  /** Packages beside those of the libraries, as `pip` takes them: `requests>=2.31`. @default [] */
  readonly dependencies?: readonly string[] | undefined;
  /**
   * Folder of a virtual environment or of Conda that is used as it is; nothing in it is changed, and what says how one is made is not used.
   * @default one is made
   */
  readonly prefix?: string | undefined;
  /**
   * Package indexes: names of environment variables that hold their addresses, so that no password stands in a file. The first is asked
   * first. @default what uv or pip is set to
   */
  readonly indexes?: readonly string[] | undefined;
  /** Folders with wheels, which are looked into beside the indexes. @default [] */
  readonly folders?: readonly string[] | undefined;
  /** Whether package indexes are asked. @default true */
  readonly useIndexes?: boolean | undefined;
  /** Whether packages without a wheel may be built, which runs code of theirs. @default false */
  readonly builds?: boolean | undefined;
  /** @default "uv" where it is installed, else "pip" */
  readonly tool?: "uv" | "pip" | undefined;
  /** Whether uv may download a Python that is not there. @default false */
  readonly pythonDownloads?: boolean | undefined;
  /**
   * Whether an `amphis.lock` that is older than the requirements is an error instead of being brought up to date. @default false; in a
   * configuration, true where the variable `CI` is set
   */
  readonly frozen?: boolean | undefined;
  /** What becomes of a lock that was made on other hardware: noted, refused, or not looked at. @default "note" */
  readonly hardware?: "note" | "require" | "ignore" | undefined;
}
