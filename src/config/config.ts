import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Secret, secret} from '../core/secret.ts';
import {terminalOf} from '../core/terminal.ts';
import type {AccountMasking} from '../io/account-mask.ts';
import {parsePgUrl} from '../io/pg-url.ts';
import {parseRedisUrl} from '../io/redis-url.ts';
import {type PgTarget, type RedisTarget, SSL_MODES} from '../io/targets.ts';
import {readService} from './pg-service.ts';
import {envOf, readSettings, type ScheduleSettings, type SystemSettings} from './settings.ts';
import {
  type FoundSetting,
  flag,
  foundSetting,
  oneOf,
  type SettingSources,
  setting,
  textSetting,
  whole,
  wrong,
} from './sources.ts';
import {refuseNotDone, type TlsSettings, tlsFiles} from './tls-files.ts';
import {VARIABLES} from './variables.ts';

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
  /** How account ids are masked in what services log and send; undefined: they are not. */
  readonly maskAccounts?: AccountMasking;
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
 * Reads flags, then environment (with the service that PGSERVICE names), then the config file (profile over its top level),
 * then defaults. Returns one frozen Config; throws a UserError that names what is wrong, and what has set it.
 */
export function loadConfig(flags: ConfigFlags = {}, processEnv: Env = process.env): Config {
  const env = envOf(flags, processEnv);
  const from: SettingSources = {flags, env, service: readService(env), file: readSettings(flags, env)};
  const environment = oneOf(from, 'environment', ENVIRONMENTS);
  const trading = tradingTarget(from);
  const [logFile, maskAccounts] = [textSetting(from, 'logFile'), maskingOf(from)];
  return Object.freeze({
    environment,
    readOnly: flag(from, 'readOnly') ?? environment === 'prod',
    trading,
    prefect: prefectTarget(trading, from),
    redis: redisTarget(from),
    slowMs: whole(from, 'slowMs', 1, 3_600_000),
    refreshMs: whole(from, 'refreshMs', 250, 60_000),
    ascii: flag(from, 'ascii') ?? (asciiLocale(env) || !terminalOf(env).glyphs),
    bell: flag(from, 'bell') ?? false,
    alerts: from.file.alerts ?? {},
    schedule: from.file.schedule ?? {},
    ...(logFile ? {logFile} : {}),
    ...(maskAccounts ? {maskAccounts} : {}),
    ...(flags.profile ? {profile: flags.profile} : {}),
    ...(from.file.views ? {views: from.file.views} : {}),
  });
}

function tradingTarget(from: SettingSources): PgTarget {
  const [host, ssl] = [hostOf(from), oneOf(from, 'sslmode', SSL_MODES)];
  refuseNotDone(from.env);
  return {
    host,
    port: whole(from, 'port', 1, 65_535),
    database: String(setting(from, 'database')),
    user: String(setting(from, 'user')),
    password: secret(textSetting(from, 'password')),
    ssl,
    clockAheadS: whole(from, 'clockAheadS', 0, 86_400),
    ...tlsFiles(tlsSettings(from), {host, ssl}, from.env),
  };
}

/** How account ids are masked; undefined: they are not. A hash whose key is short could be undone by trying ids. */
function maskingOf(from: SettingSources): AccountMasking | undefined {
  const mode = oneOf(from, 'maskAccounts', ['off', 'last3', 'hash']);
  if (mode !== 'hash') return mode === 'off' ? undefined : {mode};
  const key = secret(textSetting(from, 'maskKey'));
  if ((key() ?? '').length >= 16) return {mode, key};
  throw new UserError(
    'TRADETOP_MASK_ACCOUNTS is hash, which needs a key of at least 16 characters.',
    'Set TRADETOP_MASK_KEY, the same on all hosts: tradetop secret new-key makes one.',
  );
}

const tlsSettings = (from: SettingSources): TlsSettings => ({
  sslrootcert: foundSetting(from, 'sslrootcert'),
  sslcert: foundSetting(from, 'sslcert'),
  sslkey: foundSetting(from, 'sslkey'),
});

/** The server's host. libpq's address takes the place of libpq's host, and of no host that is named to us. */
function hostOf(from: SettingSources): string {
  const [host, address] = [foundSetting(from, 'host') as FoundSetting, foundSetting(from, 'hostaddr')];
  const isOurs = host.source.startsWith('--') || host.source === VARIABLES.host.names[0];
  if (address === undefined || isOurs) return oneHost(host);
  if (textSetting(from, 'sslmode') === 'verify-full' && host.value !== VARIABLES.host.default) {
    throw new UserError(
      `${address.source} and ${host.source} are both set: tradetop cannot check the certificate of one for the name of the other.`,
      `Unset ${address.source}.`,
    );
  }
  return oneHost(address);
}

/** The one host of a setting, without the brackets of an IPv6 address. Throws a UserError that names its source. */
function oneHost({value, source}: FoundSetting): string {
  const host = String(value).trim();
  if (host.includes(',')) {
    throw new UserError(
      `${source} names several hosts: ${sanitise(host, 100)}.`,
      'Name one: the primary, or an address that leads to it.',
    );
  }
  if (/^(?:[^/:]+|\[[^\]]+\]):\d+$/.test(host)) {
    throw new UserError(`${source} has a port in it: ${sanitise(host, 100)}.`, 'The port has a setting of its own.');
  }
  return /^\[([^\]]+)\]$/.exec(host)?.[1] ?? host;
}

function prefectTarget(trading: PgTarget, from: SettingSources): PgTarget {
  const password = textSetting(from, 'prefectPassword');
  const base: PgTarget = {
    ...trading,
    database: String(setting(from, 'prefectDatabase')),
    user: textSetting(from, 'prefectUser') ?? trading.user,
    password: password ? secret(password) : trading.password,
  };
  const url = foundSetting(from, 'prefectUrl');
  if (url === undefined) return base;
  const address = parsePgUrl(String(url.value));
  if (address === undefined) {
    throw new UserError(
      `${url.source} is not a PostgreSQL address.`,
      'Write postgresql+asyncpg://USER:PASSWORD@HOST:5432/prefect',
    );
  }
  const {port = VARIABLES.port.default, database, user, sslmode, files, notDone} = address;
  const part = (name: string, value: string): FoundSetting => ({value, source: `the ${name} in ${url.source}`});
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw wrong(part('port', port), 'a whole number from 1 to 65535');
  }
  if (notDone !== undefined) {
    throw new UserError(
      `${url.source} has a parameter ${sanitise(notDone, 40)}, which tradetop does not read: its connection would be less safe than that demands.`,
      'It reads: sslmode, sslrootcert, sslcert and sslkey.',
    );
  }
  const ssl = sslmode === undefined ? base.ssl : SSL_MODES.find(mode => mode === sslmode);
  if (ssl === undefined) throw wrong(part('sslmode', sslmode ?? ''), `one of ${SSL_MODES.join(', ')}`);
  const host = address.host === undefined ? base.host : oneHost(part('host', address.host));
  const own = Object.fromEntries(Object.entries(files).map(([name, value]) => [name, part(name, value)]));
  const {rootCert: _, clientCert: __, clientKey: ___, ...rest} = base;
  return {
    ...rest,
    host,
    port: Number(port),
    database: database ?? base.database,
    user: user ?? base.user,
    password: address.password ? secret(address.password) : base.password,
    ssl,
    ...tlsFiles({...tlsSettings(from), ...own}, {host, ssl}, from.env),
  };
}

function redisTarget(from: SettingSources): RedisTarget {
  const none: Secret = secret(undefined);
  const password = secret(textSetting(from, 'redisPassword'));
  const url = foundSetting(from, 'redisUrl');
  if (url === undefined) {
    const host = oneHost(foundSetting(from, 'redisHost') as FoundSetting);
    const port = whole(from, 'redisPort', 1, 65_535);
    return {kind: 'standalone', nodes: [{host, port}], db: 0, password, tls: false};
  }
  if (url.source.startsWith('--') && parseRedisUrl(String(url.value), none, url.source).password() !== undefined) {
    throw new UserError(
      `${url.source} must not carry a password: other users can read it.`,
      'Put the address into REDIS_URL.',
    );
  }
  return parseRedisUrl(String(url.value), password, url.source);
}

/** Whether the locale's character set is not UTF-8. Where no variable names a locale, a terminal is taken to be UTF-8. */
function asciiLocale(env: Env): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(value => value !== undefined && value !== '');
  return locale !== undefined && !/utf-?8/i.test(locale);
}
