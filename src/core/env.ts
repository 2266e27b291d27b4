/** Environment variables, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

// What any program may need to find files and speak the user's language.
const PROGRAM = /^(PATH|HOME|TMPDIR|USER|LOGNAME|TZ|LANG|LANGUAGE|LC_[A-Z]+|LD_LIBRARY_PATH)$/;
// What another process of ours needs besides: Node's settings, its directories, and where the demo's PostgreSQL is.
const OURS = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|XDG_[A-Z_]+|TRADETOP_(PG_BIN|DEBUG))$/;
// What a package manager needs besides: the way through a proxy, and its own settings.
const INSTALLER = /^((https?|ftp|all|no)_proxy|SSL_CERT_(FILE|DIR)|APT_CONFIG|HOMEBREW_[A-Z_]+|XDG_[A-Z_]+|TERM)$/i;

// What Prefect needs besides: where its profiles are, and which of them counts.
const PREFECT = /^PREFECT_(HOME|PROFILES_PATH|PROFILE)$/;

const NEEDED = {
  program: [PROGRAM],
  ours: [PROGRAM, OURS],
  installer: [PROGRAM, INSTALLER],
  prefect: [PROGRAM, PREFECT],
} as const;

/**
 * The variables of `env` that a child process of that kind needs. No password, key or address of a server is among them,
 * nor whatever else the user's shell holds: what a child must know of these its caller adds by name.
 */
export const childEnv = (env: Env, kind: keyof typeof NEEDED = 'program'): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => NEEDED[kind].some(needed => needed.test(name))));
