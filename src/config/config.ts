import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {secret} from '../core/secret.ts';
import {parseRedisUrl} from '../io/redis-url.ts';
import {type PgTarget, type RedisTarget, SSL_MODES} from '../io/targets.ts';
import {envOf, readSettings, type ScheduleSettings, type SystemSettings} from './settings.ts';
import {VARIABLES, type Variable, type VariableKey, variable} from './variables.ts';

/**
 * The environment that the desk runs in. It decides the banner, the default of read-only and how strict confirmations
 * are.
 */
export type Environment = 'demo' | 'dev' | 'paper' | 'prod';

/** The configuration of a command; made once, never changed. */
export type Config = {
  readonly environment: Environment;
  /** The console offers no actions on a server. Default: true in prod only. */
  readonly readOnly: boolean;
  readonly trading: PgTarget;
  readonly prefect: PgTarget;
  readonly redis: RedisTarget;
  /** A query that takes longer is slow, in milliseconds. */
  readonly slowMs: number;
  /** Interval between two polls of PostgreSQL's statistics, in milliseconds. */
  readonly refreshMs: number;
  /** ASCII glyphs only. */
  readonly ascii: boolean;
  /** The console rings the terminal's bell when an alert becomes critical. */
  readonly bell: boolean;
  /** Thresholds of alerts, by the rules' names, as the config file has them; not checked. */
  readonly alerts: NonNullable<SystemSettings['alerts']>;
  /** Scheduled maintenance, as the config file has it. */
  readonly schedule: ScheduleSettings;
  /** pino's log file. */
  readonly logFile?: string;
  /** The profile of the config file. */
  readonly profile?: string;
  /** Views of one's own: the ids of their panes, by name. */
  readonly views?: Readonly<Record<string, readonly string[]>>;
};

/** Flags that set configuration; commands add their own. Keys are those of meow. */
export type ConfigFlags = {
  readonly profile?: string | undefined;
  readonly envFile?: string | undefined;
  readonly config?: string | undefined;
  readonly environment?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly redisUrl?: string | undefined;
  readonly slowMs?: number | undefined;
  readonly refreshMs?: number | undefined;
  readonly ascii?: boolean | undefined;
  readonly bell?: boolean | undefined;
  readonly logFile?: string | undefined;
};

const ENVIRONMENTS = ['demo', 'dev', 'paper', 'prod'] as const;

/**
 * Reads flags, then environment, then the config file (profile over its top level), then defaults. Returns one frozen
 * Config; throws a UserError that says what to set.
 */
export function loadConfig(flags: ConfigFlags = {}, processEnv: Env = process.env): Config {
  const env = envOf(flags, processEnv);
  const from: Sources = {flags, env, file: readSettings(flags, env)};
  const environment = oneOf('environment', String(setting(from, 'environment')), ENVIRONMENTS);
  const trading = tradingTarget(from);
  const logFile = setting(from, 'logFile');
  return Object.freeze({
    environment,
    readOnly: flag(from, 'readOnly') ?? environment === 'prod',
    trading,
    prefect: prefectTarget(trading, from),
    redis: redisTarget(from),
    slowMs: whole(from, 'slowMs', 1, 3_600_000),
    refreshMs: whole(from, 'refreshMs', 250, 60_000),
    ascii: flag(from, 'ascii') ?? asciiLocale(env),
    bell: flag(from, 'bell') ?? false,
    alerts: from.file.alerts ?? {},
    schedule: from.file.schedule ?? {},
    ...(logFile ? {logFile: String(logFile)} : {}),
    ...(flags.profile ? {profile: flags.profile} : {}),
    ...(from.file.views ? {views: from.file.views} : {}),
  });
}

type Value = string | number | boolean;
type Sources = {readonly flags: ConfigFlags; readonly env: Env; readonly file: SystemSettings};

/** The value of the first source that has it. */
function setting({flags, env, file}: Sources, key: VariableKey): Value | undefined {
  const [fromFlags, fromFile] = [flags, file].map(
    values => (values as Readonly<Record<string, Value | undefined>>)[key],
  );
  return fromFlags ?? variable(env, key) ?? fromFile ?? (VARIABLES[key] as Variable).default;
}

function tradingTarget(from: Sources): PgTarget {
  const rootCert = setting(from, 'sslrootcert');
  return {
    host: String(setting(from, 'host')),
    port: whole(from, 'port', 1, 65_535),
    database: String(setting(from, 'database')),
    user: String(setting(from, 'user')),
    password: secret(variable(from.env, 'password')),
    ssl: oneOf('sslmode', String(setting(from, 'sslmode')), SSL_MODES),
    clockAheadS: whole(from, 'clockAheadS', 0, 86_400),
    ...(rootCert ? {rootCert: String(rootCert)} : {}),
  };
}

function prefectTarget(trading: PgTarget, from: Sources): PgTarget {
  const password = variable(from.env, 'prefectPassword');
  const base: PgTarget = {
    ...trading,
    database: String(setting(from, 'prefectDatabase')),
    user: String(setting(from, 'prefectUser') ?? trading.user),
    password: password ? secret(password) : trading.password,
  };
  const text = variable(from.env, 'prefectUrl');
  if (!text) return base;
  const url = parseUrl(text.replace(/^postgres(?:ql)?\+\w+:/, 'postgresql:'));
  if (url?.protocol !== 'postgresql:' && url?.protocol !== 'postgres:') {
    throw new UserError(
      `${VARIABLES.prefectUrl.names[0]} is not a PostgreSQL address.`,
      'Write postgresql+asyncpg://USER:PASSWORD@HOST:5432/prefect',
    );
  }
  return {
    ...base,
    host: decodeURIComponent(url.hostname) || url.searchParams.get('host') || base.host,
    port: Number(url.port) || Number(VARIABLES.port.default),
    database: decodeURIComponent(url.pathname.slice(1)) || base.database,
    user: decodeURIComponent(url.username) || base.user,
    password: url.password ? secret(decodeURIComponent(url.password)) : base.password,
  };
}

function redisTarget(from: Sources): RedisTarget {
  if (from.flags.redisUrl && parseUrl(from.flags.redisUrl)?.password) {
    throw new UserError(
      '--redis-url must not carry a password: other users can read it.',
      'Put the address into REDIS_URL.',
    );
  }
  const password = secret(variable(from.env, 'redisPassword'));
  const text = setting(from, 'redisUrl');
  if (text !== undefined) return parseRedisUrl(String(text), password);
  const port = whole(from, 'redisPort', 1, 65_535);
  return parseRedisUrl(`redis://${setting(from, 'redisHost')}:${port}/0`, password);
}

const parseUrl = (text: string): URL | undefined => URL.parse(text) ?? undefined;

function whole(from: Sources, key: VariableKey, least: number, most: number): number {
  const value = setting(from, key);
  const n = typeof value === 'number' ? value : /^\d+$/.test(String(value).trim()) ? Number(value) : Number.NaN;
  if (Number.isInteger(n) && n >= least && n <= most) return n;
  throw wrong(key, value, `a whole number from ${least} to ${most}`);
}

function oneOf<const T extends string>(key: VariableKey, value: string, allowed: readonly T[]): T {
  const found = allowed.find(a => a === value);
  if (found === undefined) throw wrong(key, value, `one of ${allowed.join(', ')}`);
  return found;
}

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['0', 'false', 'no', 'off'];

// An empty variable counts as none.
function flag({flags, env, file}: Sources, key: 'readOnly' | 'ascii' | 'bell'): boolean | undefined {
  const word = variable(env, key);
  const fromEnv = word ? YES.includes(oneOf(key, word.toLowerCase(), [...YES, ...NO])) : undefined;
  return flags[key] ?? fromEnv ?? file[key];
}

/** Whether the locale's character set is not UTF-8. Where no variable names a locale, a terminal is taken to be UTF-8. */
function asciiLocale(env: Env): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(value => value !== undefined && value !== '');
  return locale !== undefined && !/utf-?8/i.test(locale);
}

function wrong(key: VariableKey, value: unknown, what: string): UserError {
  const [name] = VARIABLES[key].names;
  return new UserError(`${name} is ${JSON.stringify(value)}; it must be ${what}.`, `Set ${name}.`);
}
