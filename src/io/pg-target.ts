import type {Secret} from '../core/secret.ts';

export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

/** How to reach one PostgreSQL database. */
export type PgTarget = {
  /** Name, address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  readonly ssl: SslMode;
  /** Path of the root certificate that verifies the server. */
  readonly rootCert?: string;
};
