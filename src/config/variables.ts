import type {Env} from '../core/env.ts';

/** An environment variable, as the reader and the README need it. */
export type Variable = {
  /** The first that is set counts; an empty one is not set. */
  readonly names: readonly [string, ...string[]];
  readonly does: string;
  /** The value where nothing is set. */
  readonly default?: string;
  /** What happens without it, where that is not a value. */
  readonly otherwise?: string;
};

/**
 * The roles with LOGIN that the set-up makes, and the variable that gives each its password; the simulated desk's
 * services log in by them too.
 */
export const LOGIN_ROLES: Readonly<Record<string, string>> = {
  svc_data_ingestion: 'SVC_DATA_INGESTION_PASSWORD',
  svc_strategy_engine: 'SVC_STRATEGY_ENGINE_PASSWORD',
  svc_execution: 'SVC_EXECUTION_PASSWORD',
  svc_risk_management: 'SVC_RISK_MANAGEMENT_PASSWORD',
  svc_analytics: 'SVC_ANALYTICS_PASSWORD',
  svc_notification: 'SVC_NOTIFICATION_PASSWORD',
  svc_logging: 'SVC_LOGGING_PASSWORD',
  trading_app: 'TRADING_APP_PASSWORD',
  tradetop_sync: 'TRADETOP_SYNC_PASSWORD',
  tradetop_monitor: 'TRADETOP_MONITOR_PASSWORD',
  tradetop_operator: 'TRADETOP_OPERATOR_PASSWORD',
};

/** Variables that configure servers and console, by the keys of flags and config file where there are such. */
export const VARIABLES = {
  host: {names: ['POSTGRES_HOST', 'PGHOST'], does: 'PostgreSQL host or socket directory', default: 'localhost'},
  hostaddr: {names: ['PGHOSTADDR'], does: 'PostgreSQL’s address in place of PGHOST; not of POSTGRES_HOST'},
  port: {names: ['POSTGRES_PORT', 'PGPORT'], does: 'PostgreSQL port', default: '5432'},
  database: {names: ['TRADING_DB_NAME', 'PGDATABASE'], does: 'trading database', default: 'trading_system'},
  user: {names: ['TRADING_DB_USER', 'PGUSER'], does: 'PostgreSQL user', default: 'postgres'},
  password: {
    names: ['TRADING_DB_PASSWORD', 'PGPASSWORD'],
    does: 'PostgreSQL password',
    otherwise: 'from ~/.pgpass',
  },
  sslmode: {
    names: ['PGSSLMODE'],
    does: 'TLS to PostgreSQL: disable, prefer, require, verify-ca or verify-full',
    default: 'prefer',
  },
  sslrootcert: {
    names: ['PGSSLROOTCERT'],
    does: 'file of the root certificate that verifies PostgreSQL',
    otherwise: '~/.postgresql/root.crt, by require and verify-…',
  },
  sslcert: {
    names: ['PGSSLCERT'],
    does: 'file of our own certificate for PostgreSQL, in PEM',
    otherwise: '~/.postgresql/postgresql.crt',
  },
  sslkey: {
    names: ['PGSSLKEY'],
    does: 'file of its key, in PEM without a passphrase',
    otherwise: '~/.postgresql/postgresql.key',
  },
  service: {
    names: ['PGSERVICE'],
    does: 'a service of libpq’s service file: it overrules the variables that begin with PG, not the others',
  },
  serviceFile: {names: ['PGSERVICEFILE'], does: 'the service file', otherwise: '~/.pg_service.conf'},
  serviceDirectory: {
    names: ['PGSYSCONFDIR'],
    does: 'directory of pg_service.conf, where the service file lacks the service',
    otherwise: '/etc/postgresql-common',
  },
  prefectDatabase: {names: ['PREFECT_DB_NAME'], does: 'Prefect’s database', default: 'prefect'},
  prefectUser: {
    names: ['PREFECT_DB_USER'],
    does: 'user of Prefect’s database; its owner for `setup`',
    otherwise: 'the trading user; for `setup` prefect',
  },
  prefectPassword: {
    names: ['PREFECT_DB_PASSWORD'],
    does: 'password of Prefect’s database; its owner’s for `setup`',
    otherwise: 'the trading user’s',
  },
  prefectUrl: {
    names: ['PREFECT_API_DATABASE_CONNECTION_URL'],
    does: 'Prefect’s own address of its database, with or without `+asyncpg`; overrules the three above',
  },
  redisUrl: {
    names: ['REDIS_URL'],
    does: 'Redis: `redis://`, `rediss://`, `redis-sentinel://`, `redis-cluster://` or `unix://`',
    otherwise: 'made of the three below',
  },
  redisHost: {names: ['REDIS_HOST'], does: 'Redis host', default: 'localhost'},
  redisPort: {names: ['REDIS_PORT'], does: 'Redis port', default: '6379'},
  redisPassword: {names: ['REDIS_PASSWORD'], does: 'Redis password, where the address has none'},
  environment: {
    names: ['TRADETOP_ENVIRONMENT'],
    does: 'demo, dev, paper or prod: banner, confirmations and the default of read-only',
    default: 'dev',
  },
  readOnly: {names: ['TRADETOP_READ_ONLY'], does: '1: offer nothing that acts on a server', otherwise: '1 in prod'},
  slowMs: {names: ['TRADETOP_SLOW_MS'], does: 'a query is slow from here on, in milliseconds', default: '1000'},
  clockAheadS: {
    names: ['TRADETOP_CLOCK_AHEAD_S'],
    does: 'how far times may lie ahead of the database’s clock, in seconds; trades, positions and prices of later times are refused',
    default: '5',
  },
  refreshMs: {names: ['TRADETOP_REFRESH_MS'], does: 'time between two polls, in milliseconds', default: '2000'},
  ascii: {
    names: ['TRADETOP_ASCII'],
    does: '1: ASCII glyphs only',
    otherwise: '1 where the locale is not UTF-8, and on a text console (TERM=linux)',
  },
  bell: {names: ['TRADETOP_BELL'], does: '1: the console rings the terminal’s bell when an alert becomes critical'},
  maskAccounts: {
    names: ['TRADETOP_MASK_ACCOUNTS'],
    does: 'account ids in log lines, log files and notifications: off, last3 (their last three characters) or hash (a keyed hash)',
    default: 'off',
  },
  maskKey: {names: ['TRADETOP_MASK_KEY'], does: 'key of that hash, at least 16 characters: the same for all hosts'},
  logFile: {
    names: ['TRADETOP_LOG_FILE'],
    does: 'file that the log goes to',
    otherwise: '$XDG_STATE_HOME/tradetop/tradetop.log; of `sync` and `maintain --schedule` stderr',
  },
} as const satisfies Readonly<Record<string, Variable>>;

/** The commands that log in as a role by its own variable. */
function usersOf(role: string): string {
  if (role === 'tradetop_monitor') return '`setup`, and for the alerts of `sync` and `notify`';
  if (role === 'svc_notification') return '`setup`, `feed` and `notify`';
  return role.startsWith('svc_') ? '`setup` and `feed`' : '`setup`';
}

/** The other variables that the program reads, where they are needed. */
const OTHERS: readonly Variable[] = [
  {
    names: ['TRADETOP_CONFIG'],
    does: 'the config file',
    otherwise: '$XDG_CONFIG_HOME/tradetop/config.json',
  },
  {names: ['TRADETOP_SECRET_KEY'], does: 'key of the notification secrets; `tradetop secret new-key` makes one'},
  {
    names: ['TRADETOP_NEW_SECRET_KEY'],
    does: 'key that `maintain rotate-secrets` puts them under; `notify` opens them with either',
  },
  ...Object.entries(LOGIN_ROLES).map(
    ([role, variable]): Variable => ({
      names: [variable],
      does: `password of role ${role}, for ${usersOf(role)}`,
    }),
  ),
  {
    names: ['PG_BINDIR'],
    does: 'directory of pg_dump, pg_dumpall and pg_restore for `backup` and `restore`',
    otherwise: 'found on the PATH, else where packages put them',
  },
  {
    names: ['TRADETOP_PG_BIN'],
    does: 'bin directory of the PostgreSQL that `demo` runs',
    otherwise: 'of the npm package',
  },
  {names: ['TRADETOP_DEBUG'], does: '1: warnings about ~/.pgpass on stderr'},
  {names: ['NO_COLOR'], does: 'not empty: no colours'},
  {names: ['FORCE_COLOR'], does: 'colours whatever NO_COLOR and the terminal say; 0 or false: none'},
  {names: ['LC_ALL', 'LC_CTYPE', 'LANG'], does: 'the locale: ASCII glyphs only where it is not UTF-8'},
  {
    names: ['COLUMNS', 'LINES'],
    does: 'size of a terminal that does not tell it, as on a serial line',
    default: '80, 24',
  },
  {
    names: ['TERM'],
    does: 'dumb, or not set: no colours, and `watch` prints one screen; what else the terminal knows: see Terminals',
  },
  {names: ['TMUX', 'STY'], does: 'how a copied text gets through tmux or GNU screen to the terminal'},
  {
    names: ['SSH_CONNECTION', 'SSH_CLIENT'],
    does: 'the operator’s address in the audit log',
    otherwise: 'this machine’s name',
  },
  {names: ['SUDO_USER'], does: 'the operator behind sudo in the audit log'},
  {names: ['XDG_CONFIG_HOME'], does: 'where the config file is', otherwise: '~/.config'},
  {
    names: ['XDG_STATE_HOME'],
    does: 'where the log is, and what the console keeps of its screen',
    otherwise: '~/.local/state',
  },
  {
    names: ['XDG_CACHE_HOME'],
    does: 'where the demo’s template and compiled code are kept; may be emptied at any time',
    otherwise: '~/.cache',
  },
  {names: ['NODE_COMPILE_CACHE'], does: 'Node’s own: where compiled code is kept', otherwise: 'in XDG_CACHE_HOME'},
  {names: ['HOME'], does: 'where ~ is'},
  {names: ['PATH'], does: 'where Redis, pg_dump and package managers are'},
  {names: ['GNUPGHOME'], does: 'where gpg, which encrypts and decrypts backups, has its keys', otherwise: '~/.gnupg'},
  {names: ['GPG_TTY'], does: 'the terminal on which gpg asks for a key’s passphrase'},
  {names: ['TMPDIR'], does: 'where the demo’s private directory is made', otherwise: '/tmp, else /var/tmp'},
];

/** Every environment variable that the program reads, in the README's order. */
export const ALL_VARIABLES: readonly Variable[] = [...Object.values(VARIABLES), ...OTHERS];

export type VariableKey = keyof typeof VARIABLES;

/** A variable that is set: its name and its value. An empty one counts as unset, as in libpq. */
export function setVariable(
  env: Env,
  key: VariableKey,
  which: (name: string) => boolean = () => true,
): {readonly name: string; readonly value: string} | undefined {
  const name = VARIABLES[key].names.find(one => which(one) && env[one]);
  return name === undefined ? undefined : {name, value: env[name] as string};
}

/** The value of a variable, by its key; undefined where none of its names is set. */
export const variable = (env: Env, key: VariableKey): string | undefined => setVariable(env, key)?.value;
