/**
 * An error that the user or the environment caused. It is shown as one sentence with the next step, without a stack.
 */
export class UserError extends Error {
  /** The remedy: a command, a statement or a setting. */
  readonly next: string;
  /** 1: the answer is bad news; 2: wrong usage, or the command could not run. */
  readonly exitCode: 1 | 2;

  constructor(message: string, next = '', exitCode: 1 | 2 = 2) {
    super(message);
    this.name = 'UserError';
    this.next = next;
    this.exitCode = exitCode;
  }
}

/** The error itself where the user or the environment caused it, for what goes on without an answer. Throws any other. */
export function ofUser(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

/**
 * Why a source gave no rows. `down`: no connection; `timeout`: no answer in time; `denied`: a missing right;
 * `unsupported`: a missing extension or an older version; `not_set_up`: our schema does not exist; `bug`: anything
 * else.
 */
type Why = 'down' | 'timeout' | 'denied' | 'unsupported' | 'not_set_up' | 'bug';

/** A failure in words that can be shown. `next`: the remedy, where it is known. */
export type Failure = {
  readonly why: Why;
  readonly message: string;
  readonly next: string;
  readonly sqlstate?: string;
  /** Whether another try can succeed without anyone's help. */
  readonly retry: boolean;
  /** The server answers, but its disk is full. */
  readonly fullDisk?: boolean;
};

/** read_only_sql_transaction: the server takes no writes, and another one may take its place. */
export const READ_ONLY = '25006';

type Rule = readonly [why: Why, retry: boolean, next: string];

const DISK_FULL: Rule = ['down', true, 'The server’s disk is full: free space on it. What waits is tried again.'];

/** What a server says whose disk is full, under whatever code: PostgreSQL fails a login with XX000 where its cache of the catalogue cannot be written. */
const DISK_FULL_WORDS = /no space left on device|could not write init file/i;

// SQLSTATE (PostgreSQL, appendix A) or Node error code, to its meaning for us. Two-character keys stand for a class.
const RULES: Readonly<Record<string, Rule>> = {
  '08': ['down', true, ''],
  '28P01': ['denied', false, 'Check TRADING_DB_USER and TRADING_DB_PASSWORD (or ~/.pgpass).'],
  '28000': ['denied', false, 'Check TRADING_DB_USER and the server’s pg_hba.conf.'],
  '3D000': ['not_set_up', false, 'Run: tradetop setup'],
  '3F000': ['not_set_up', false, 'Run: tradetop setup'],
  '42P01': ['not_set_up', false, 'Run: tradetop setup'],
  '42703': [
    'unsupported',
    false,
    'This server’s view has other columns; update tradetop, or the extension: ALTER EXTENSION … UPDATE',
  ],
  '42883': ['unsupported', false, 'Run: tradetop setup'],
  '42501': ['denied', false, 'Connect as tradetop_monitor or tradetop_operator, or GRANT pg_monitor to this role.'],
  '55000': ['unsupported', false, 'Add pg_stat_statements to shared_preload_libraries and restart PostgreSQL.'],
  '57014': ['timeout', true, ''],
  '55P03': ['timeout', true, ''],
  '57P01': ['down', true, ''],
  '57P02': ['down', true, ''],
  '57P03': ['down', true, ''],
  '53100': DISK_FULL,
  '53300': [
    'down',
    true,
    'All connections are taken: end sessions. From PostgreSQL 16 on reserved_connections keeps some for tradetop_operator.',
  ],
  [READ_ONLY]: ['down', true, 'Nothing can be written there: tradetop doctor says why.'],
  '40001': ['timeout', true, ''],
  '40P01': ['timeout', true, ''],
  ECONNREFUSED: ['down', true, 'Is the server running, and are host and port right?'],
  ECONNRESET: ['down', true, ''],
  EPIPE: ['down', true, ''],
  ENOTFOUND: ['down', true, 'Check the host name.'],
  EAI_AGAIN: ['down', true, 'The name server did not answer; check the host name.'],
  EHOSTUNREACH: ['down', true, 'Check the host and the network.'],
  ENETUNREACH: ['down', true, 'Check the host and the network.'],
  ETIMEDOUT: ['timeout', true, ''],
  ENOENT: ['down', true, 'Is the server running, and is the socket’s path right?'],
  WRONGPASS: ['denied', false, 'Check the user and password in REDIS_URL.'],
  NOAUTH: ['denied', false, 'Redis wants a password: set REDIS_URL=redis://:PASSWORD@HOST:PORT/0'],
  NOPERM: ['denied', false, 'Give the Redis user the channels and commands: ACL SETUSER … &data_sync:* +@pubsub +info'],
};

// Errors without a code, by their messages (pg, pg-pool, ioredis).
const WORDS: readonly (readonly [RegExp, Rule])[] = [
  [
    /^DENIED\b/,
    [
      'denied',
      false,
      'Give its default user a password, or connect from its own machine; see protected-mode in redis.conf.',
    ],
  ],
  [/^ERR max number of clients/i, ['denied', true, 'Raise maxclients in Redis, or close clients that nobody needs.']],
  [
    /timeout exceeded when trying to connect|Connection terminated due to connection timeout|connect ETIMEDOUT/i,
    ['timeout', true, 'Check host, port and firewall.'],
  ],
  [/Query read timeout|Command timed out|Socket timeout/i, ['timeout', true, '']],
  [
    /Connection (terminated|ended)|Connection is closed|Client has encountered a connection error|not queryable/i,
    ['down', true, ''],
  ],
  [
    /does not support SSL/i,
    ['denied', false, 'The server has no TLS: set sslmode=disable (PGSSLMODE) if that is meant.'],
  ],
  [
    /self[- ]signed certificate|unable to verify|certificate/i,
    ['denied', false, 'Check sslmode, the root certificate (PGSSLROOTCERT) and our own (PGSSLCERT, PGSSLKEY).'],
  ],
  [
    /SASL|password must be a string|no password/i,
    ['denied', false, 'Set TRADING_DB_PASSWORD, or put the password into ~/.pgpass.'],
  ],
  [/^WRONGPASS|invalid username-password/i, RULES.WRONGPASS as Rule],
  [/^NOAUTH/i, RULES.NOAUTH as Rule],
  [/^NOPERM/i, RULES.NOPERM as Rule],
];

/** Classifies whatever was thrown. Never includes connection strings, parameters or row values. */
export function failureOf(error: unknown): Failure {
  const inner = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const {code, message, next: own} = (inner ?? {}) as {code?: unknown; message?: unknown; next?: unknown};
  const whole = typeof message === 'string' && message !== '' ? message : String(inner);
  // Of Redis' long advice on its protected mode the first sentence.
  const text = whole.replace(/^(DENIED [^.]*)\. .*$/s, '$1');
  const key = typeof code === 'string' ? code : '';
  const rule =
    (DISK_FULL_WORDS.test(text) ? DISK_FULL : RULES[key]) ??
    (key.length === 5 ? RULES[key.slice(0, 2)] : undefined) ??
    WORDS.find(([words]) => words.test(text))?.[1];
  const [why, retry, usual] = rule ?? (['bug', true, ''] as const);
  // An error of ours may know better.
  const next = typeof own === 'string' ? own : usual;
  const sqlstate = /^[0-9A-Z]{5}$/.test(key) && /\d/.test(key) ? key : undefined;
  const fullDisk = rule === DISK_FULL ? {fullDisk: true} : {};
  return {why, retry, next, message: text, ...(sqlstate ? {sqlstate} : {}), ...fullDisk};
}
