/** Variables that workers get without being named: what Python, its libraries and the tools that they start need to run at all. */
const ALLOWED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "LC_*",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "XDG_*",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "VIRTUAL_ENV",
  "CONDA_PREFIX",
  "PYTHONPATH",
  "PYTHONHOME",
  "PYTHONHASHSEED",
  "PYTHONUTF8",
  "PYTHONDONTWRITEBYTECODE",
  "PYTHONPYCACHEPREFIX",
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "POLARS_MAX_THREADS",
  "CUDA_VISIBLE_DEVICES",
  "CUDA_HOME",
  "CUDA_PATH",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
  "APPDATA",
  "LOCALAPPDATA",
  "PROGRAMDATA",
  "USERPROFILE",
] as const;

/** What workers find in their environment. */
export interface EnvironmentOptions {
  /** Names beside the usual ones that are passed on; `*` at the end stands for any ending, alone for all. @default [] */
  readonly allow?: readonly string[] | undefined;
  /** Variables that are set, whatever this program has. @default {} */
  readonly set?: Readonly<Record<string, string>> | undefined;
}

/**
 * The whole environment of a worker: allowed variables of this program, and those that are set.
 *
 * Secrets in other variables, such as tokens of cloud providers, never reach Python unless they are named.
 */
export function workerEnvironment(
  options: EnvironmentOptions,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const rules = [...ALLOWED, ...(options.allow ?? [])];
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && rules.some((rule) => allows(rule, name))) environment[name] = value;
  }
  return { ...environment, ...options.set };
}

function allows(rule: string, name: string): boolean {
  // Windows does not tell capitals from small letters.
  const known = process.platform === "win32" ? name.toUpperCase() : name;
  return rule.endsWith("*") ? known.startsWith(rule.slice(0, -1)) : known === rule;
}
