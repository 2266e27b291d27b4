import {UserError} from '../core/errors.ts';
import {secret} from '../core/secret.ts';
import {parseRedisUrl} from '../io/redis-url.ts';
import {type Env, readEnvFile, readSettings, type SystemSettings} from '../io/settings.ts';
import {type PgTarget, type RedisTarget, SSL_MODES} from '../io/targets.ts';

/** Where the desk runs. It decides the banner, the default of read-only and how hard a confirmation is. */
export type Environment = 'demo' | 'dev' | 'paper' | 'prod';

/** Everything that a command needs to know about its surroundings; made once, never changed. */
export type Config = {
  readonly profile?: string;
  readonly environment: Environment;
  /** Nothing that acts on a server is offered. Default: only where the environment is prod. */
  readonly readOnly: boolean;
  readonly trading: PgTarget;
  readonly prefect: PgTarget;
  readonly redis: RedisTarget;
  /** A query is slow from here on, in milliseconds. */
  readonly slowMs: number;
  /** Interval between two polls of PostgreSQL's statistics, in milliseconds. */
  readonly refreshMs: number;
  /** ASCII glyphs only. */
  readonly ascii: boolean;
  /** pino writes here; never to the screen. */
  readonly logFile?: string;
};

/** Flags that set configuration; commands add their own. Keys are as meow gives them. */
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
  readonly logFile?: string | undefined;
};

/** Flags, then environment, then the config file (profile over its top level), then defaults: one frozen Config, or a UserError that says what to set. */
export function loadConfig(flags: ConfigFlags = {}, processEnv: Env = process.env): Config {
  const env: Env = flags.envFile ? {...processEnv, ...readEnvFile(flags.envFile)} : processEnv;
  const file = readSettings(flags, env);
  const environment = oneOf(
    'TRADETOP_ENVIRONMENT',
    flags.environment ?? env.TRADETOP_ENVIRONMENT ?? file.environment ?? 'dev',
    ['demo', 'dev', 'paper', 'prod'],
  );
  const trading = tradingTarget(flags, env, file);
  const logFile = flags.logFile ?? env.TRADETOP_LOG_FILE ?? file.logFile;
  return Object.freeze({
    ...(flags.profile ? {profile: flags.profile} : {}),
    environment,
    readOnly:
      flags.readOnly ?? flag('TRADETOP_READ_ONLY', env.TRADETOP_READ_ONLY) ?? file.readOnly ?? environment === 'prod',
    trading,
    prefect: prefectTarget(trading, env, file),
    redis: redisTarget(flags, env, file),
    slowMs: whole('slow-ms', flags.slowMs ?? env.TRADETOP_SLOW_MS ?? file.slowMs ?? 1000, 1, 3_600_000),
    refreshMs: whole('refresh-ms', flags.refreshMs ?? env.TRADETOP_REFRESH_MS ?? file.refreshMs ?? 2000, 250, 60_000),
    ascii: flags.ascii ?? flag('TRADETOP_ASCII', env.TRADETOP_ASCII) ?? file.ascii ?? false,
    ...(logFile ? {logFile} : {}),
  });
}

function tradingTarget(flags: ConfigFlags, env: Env, file: SystemSettings): PgTarget {
  const host = flags.host ?? env.POSTGRES_HOST ?? env.PGHOST ?? file.host ?? 'localhost';
  const rootCert = env.PGSSLROOTCERT ?? file.sslrootcert;
  return {
    host,
    port: whole('POSTGRES_PORT', flags.port ?? env.POSTGRES_PORT ?? env.PGPORT ?? file.port ?? 5432, 1, 65_535),
    database: flags.database ?? env.TRADING_DB_NAME ?? env.PGDATABASE ?? file.database ?? 'trading_system',
    user: flags.user ?? env.TRADING_DB_USER ?? env.PGUSER ?? file.user ?? 'postgres',
    password: secret(env.TRADING_DB_PASSWORD ?? env.PGPASSWORD),
    ssl: oneOf('PGSSLMODE', env.PGSSLMODE ?? file.sslmode ?? 'prefer', SSL_MODES),
    ...(rootCert ? {rootCert} : {}),
  };
}

function prefectTarget(trading: PgTarget, env: Env, file: SystemSettings): PgTarget {
  const base: PgTarget = {
    ...trading,
    database: env.PREFECT_DB_NAME ?? file.prefectDatabase ?? 'prefect',
    user: env.PREFECT_DB_USER ?? file.prefectUser ?? trading.user,
    password: env.PREFECT_DB_PASSWORD ? secret(env.PREFECT_DB_PASSWORD) : trading.password,
  };
  const text = env.PREFECT_API_DATABASE_CONNECTION_URL;
  if (!text) return base;
  const url = parseUrl(text.replace(/^postgres(?:ql)?\+\w+:/, 'postgresql:'));
  if (url?.protocol !== 'postgresql:' && url?.protocol !== 'postgres:') {
    throw new UserError(
      'PREFECT_API_DATABASE_CONNECTION_URL is not a PostgreSQL address.',
      'Write postgresql+asyncpg://USER:PASSWORD@HOST:5432/prefect',
    );
  }
  return {
    ...base,
    host: decodeURIComponent(url.hostname) || url.searchParams.get('host') || base.host,
    port: Number(url.port) || 5432,
    database: decodeURIComponent(url.pathname.slice(1)) || base.database,
    user: decodeURIComponent(url.username) || base.user,
    password: url.password ? secret(decodeURIComponent(url.password)) : base.password,
  };
}

function redisTarget(flags: ConfigFlags, env: Env, file: SystemSettings): RedisTarget {
  const text = flags.redisUrl ?? env.REDIS_URL ?? file.redisUrl;
  if (flags.redisUrl && parseUrl(flags.redisUrl)?.password) {
    throw new UserError(
      '--redis-url must not carry a password: other users can read it.',
      'Put the address into REDIS_URL.',
    );
  }
  if (text !== undefined) return parseRedisUrl(text, secret(env.REDIS_PASSWORD));
  const port = whole('REDIS_PORT', env.REDIS_PORT ?? 6379, 1, 65_535);
  return parseRedisUrl(`redis://${env.REDIS_HOST ?? 'localhost'}:${port}/0`, secret(env.REDIS_PASSWORD));
}

const parseUrl = (text: string): URL | undefined => URL.parse(text) ?? undefined;

function whole(name: string, value: string | number, least: number, most: number): number {
  const n = typeof value === 'number' ? value : /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (Number.isInteger(n) && n >= least && n <= most) return n;
  throw new UserError(
    `${name} is ${JSON.stringify(value)}; it must be a whole number from ${least} to ${most}.`,
    `Set ${name}.`,
  );
}

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(a => a === value);
  if (found !== undefined) return found;
  throw new UserError(`${name} is ${JSON.stringify(value)}; it must be one of ${allowed.join(', ')}.`, `Set ${name}.`);
}

function flag(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined || value === '') return undefined;
  return (
    oneOf(name, value.toLowerCase(), ['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off']).match(
      /^(1|true|yes|on)$/,
    ) !== null
  );
}
