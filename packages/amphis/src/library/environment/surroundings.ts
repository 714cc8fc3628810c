import { AmphisError } from "@amphis/protocol";

/** What uv and pip need of the environment: where indexes, certificates, proxies and caches are. Everything else stays outside. */
const ALLOWED = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
  "APPDATA",
  "LOCALAPPDATA",
  "PROGRAMDATA",
  "USERPROFILE",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "NETRC",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "SSL_CLIENT_CERT",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "PYENV_ROOT",
  "PYTHON_KEYRING_BACKEND",
  "DBUS_SESSION_BUS_ADDRESS",
]);
/** Settings that would install somewhere else, or something else, stay outside too: these are the ones that say where packages come from. */
const TOOL_SETTINGS =
  /^(?:PIP_(?:CONFIG_FILE|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|CACHE_DIR|NO_CACHE_DIR|DEFAULT_TIMEOUT|TIMEOUT|RETRIES|KEYRING_PROVIDER|DISABLE_PIP_VERSION_CHECK)|UV_(?:CONFIG_FILE|INDEX|INDEX_[A-Z0-9_]+|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS|CACHE_DIR|HTTP_[A-Z_]+|CONCURRENT_[A-Z]+|KEYRING_PROVIDER|OFFLINE|PYTHON_INSTALL_DIR|PYTHON_INSTALL_MIRROR|REQUEST_TIMEOUT))$/u;

export interface IndexSettings {
  /** Names of variables that hold addresses of indexes, the first asked first. */
  readonly indexes: readonly string[];
}

/**
 * The environment that tools get.
 *
 * Addresses of indexes are handed over in variables, never as arguments, which everybody on the machine can read.
 *
 * @throws {AmphisError} ENVIRONMENT_INDEX_MISSING when a variable that should name an index does not exist
 */
export function toolEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  { indexes }: IndexSettings,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined && value !== "" && allows(name)) env[name] = value;
  }
  // Nothing of the folder that a tool runs in is imported by it.
  return { ...env, ...indexVariables(own, indexes), PYTHONSAFEPATH: "1", PYTHONUTF8: "1" };
}

function allows(name: string): boolean {
  const known = name.toUpperCase();
  return ALLOWED.has(known) || /^(?:LC_|XDG_)/u.test(known) || TOOL_SETTINGS.test(known);
}

function indexVariables(
  own: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const addresses = names.map((name) => addressOf(own, name));
  const [first, ...others] = addresses;
  const last = addresses.at(-1);
  if (first === undefined || last === undefined) return {};
  return {
    PIP_INDEX_URL: first,
    PIP_EXTRA_INDEX_URL: others.join(" "),
    // uv asks the default one last.
    UV_INDEX: addresses.slice(0, -1).join(" "),
    UV_DEFAULT_INDEX: last,
  };
}

function addressOf(own: Readonly<Record<string, string | undefined>>, name: string): string {
  const address = own[name] ?? "";
  if (address !== "" && !/\s/u.test(address)) return address;
  const reason = address === "" ? "it is not set" : "it holds more than an address";
  throw new AmphisError(
    "ENVIRONMENT_INDEX_MISSING",
    `Cannot read the address of a package index from the environment variable ${name}: ${reason}`,
    { variable: name, reason },
  );
}

/** Text of a tool without the credentials that addresses in it may hold. */
export function redact(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/giu, "$1****@");
}
