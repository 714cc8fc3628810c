/** Variables of the caller that would bend npm, pip, uv or Python towards something outside the repository. */
const removed = [
  "PYTHONHOME",
  "PYTHONPATH",
  "VIRTUAL_ENV",
  "CONDA_PREFIX",
  "NODE_ENV",
  "NODE_OPTIONS",
];

const added = {
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PIP_NO_INPUT: "1",
  PIP_USER: "0",
  PYTHONNOUSERSITE: "1",
  PYTHONUTF8: "1",
  UV_PYTHON_DOWNLOADS: "never",
  npm_config_audit: "false",
  npm_config_fetch_retry_maxtimeout: "10000",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fund: "false",
  npm_config_global: "false",
  npm_config_loglevel: "error",
  npm_config_update_notifier: "false",
};

/**
 * The environment for every child process: the caller's, with its proxies and indexes, but private to the repository.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function privateEnvironment() {
  const environment = { ...process.env };
  for (const name of removed) {
    delete environment[name];
  }
  return { ...environment, ...added };
}
