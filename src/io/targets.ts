import {isIP} from 'node:net';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Secret} from '../core/secret.ts';

export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

/** How to reach one PostgreSQL database. */
export type PgTarget = {
  /** Host name, address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  readonly ssl: SslMode;
  /** Path of the root certificate that verifies the server. */
  readonly rootCert?: string;
  /** Paths of our own certificate and its key, in PEM. */
  readonly clientCert?: string;
  readonly clientKey?: string;
  /**
   * How far the time of a trade, a position or a price may lie ahead of this database's clock, in seconds. Default: what
   * the statements under sql/sync say.
   */
  readonly clockAheadS?: number;
};

export type HostPort = {readonly host: string; readonly port: number};

/** How to reach Redis: one server, the master that Sentinels name, or a Cluster. */
export type RedisTarget = {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  /** The server; the Sentinels; the Cluster's seed nodes. At least one. */
  readonly nodes: readonly HostPort[];
  /** Sentinel's name of the master. */
  readonly master?: string;
  readonly db: number;
  readonly user?: string;
  readonly password: Secret;
  readonly tls: boolean;
  /**
   * In PEM: the authority that signed the server's certificate, where it is not a public one; our own certificate and
   * its key.
   */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  /** With TLS: whose certificate is taken. Default: that of an authority we trust, for the host's own name. */
  readonly trust?: 'any name' | 'anyone';
  /** Path of a Unix socket, for `unix://`. */
  readonly socket?: string;
};

/** The same server and user, another database. */
export const inDatabase = (target: PgTarget, database: string): PgTarget => ({...target, database});

/** The same database, another user. */
export const asUser = (target: PgTarget, user: string, password: Secret): PgTarget => ({...target, user, password});

/** `HOST:PORT/DATABASE`, for the screen and for messages; never a password. */
export const pgName = ({host, port, database}: PgTarget): SafeText => sanitise(`${hostName(host)}:${port}/${database}`);

const hostName = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** `HOST:PORT` and how many more nodes, or the socket's path, for the screen and for messages; never a password. */
export function redisName({socket, nodes}: RedisTarget): SafeText {
  const [first] = nodes;
  const more = nodes.length > 1 ? ` +${nodes.length - 1}` : '';
  return sanitise(socket ?? `${hostName(first?.host ?? '')}:${first?.port}${more}`);
}
