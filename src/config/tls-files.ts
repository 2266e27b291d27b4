import {readFileSync, statSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {createSecureContext} from 'node:tls';
import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {PgTarget} from '../io/targets.ts';
import type {FoundSetting} from './sources.ts';

/** The files that TLS goes by, as something sets them. */
export type TlsSettings = {
  readonly sslrootcert: FoundSetting | undefined;
  readonly sslcert: FoundSetting | undefined;
  readonly sslkey: FoundSetting | undefined;
};

type TlsFiles = Pick<PgTarget, 'rootCert' | 'clientCert' | 'clientKey'>;

/**
 * What libpq's variables can demand of a connection and tradetop does not do, with the values that demand nothing. Passed
 * over, they would leave a connection less safe than its user believes.
 */
const NOT_DONE: Readonly<Record<string, RegExp>> = {
  PGSSLCRL: /^$/,
  PGSSLCRLDIR: /^$/,
  PGSSLCERTMODE: /^allow$/,
  PGSSLNEGOTIATION: /^postgres$/,
  PGSSLMINPROTOCOLVERSION: /^TLSv1(?:\.[012])?$/i,
  PGSSLMAXPROTOCOLVERSION: /^TLSv1\.3$/i,
  PGREQUIRESSL: /^0$/,
  PGREQUIREAUTH: /^$/,
  PGREQUIREPEER: /^$/,
  PGCHANNELBINDING: /^(?:disable|prefer)$/,
  PGGSSENCMODE: /^(?:disable|prefer)$/,
};

/** Throws a UserError where a variable demands of connections what tradetop does not do. */
export function refuseNotDone(env: Env): void {
  const name = Object.keys(NOT_DONE).find(one => env[one] && !NOT_DONE[one]?.test(env[one]));
  if (name === undefined) return;
  throw new UserError(
    `${name} is ${JSON.stringify(sanitise(env[name] ?? '', 80))}, which tradetop cannot do: its connections would be less safe than that demands.`,
    `Unset ${name} for tradetop. It goes by PGSSLMODE, PGSSLROOTCERT, PGSSLCERT and PGSSLKEY.`,
  );
}

/**
 * The files of a target's TLS: those that are set, else libpq's own in ~/.postgresql, where there are any. Throws a UserError that
 * names what sets a file that cannot be read, a key that others can read, or a pair that does not fit. Without TLS there are none.
 */
export function tlsFiles(set: TlsSettings, {ssl, host}: Pick<PgTarget, 'ssl' | 'host'>, env: Env): TlsFiles {
  if (ssl === 'disable' || host.startsWith('/')) return {};
  const usual = (name: string): FoundSetting | undefined => {
    const value = join(env.HOME ?? homedir(), '.postgresql', name);
    return statSync(value, {throwIfNoEntry: false})?.isFile() ? {value, source: 'libpq’s default'} : undefined;
  };
  // By `prefer` libpq takes any server, in the end without TLS.
  const root = set.sslrootcert ?? (ssl === 'prefer' ? undefined : usual('root.crt'));
  const cert = set.sslcert ?? usual('postgresql.crt');
  const key = set.sslkey ?? usual('postgresql.key');
  if (root?.value === 'system') {
    throw new UserError(
      `${root.source} is system: tradetop does not read the system’s certificates.`,
      'Name their file, for instance /etc/ssl/certs/ca-certificates.crt.',
    );
  }
  const rootCert = root && readable(root);
  if (cert === undefined || key === undefined) {
    const alone = set.sslcert ?? set.sslkey;
    if (alone === undefined) return {...(rootCert ? {rootCert} : {})};
    const [has, lacks] = cert ? ['certificate', 'key: set PGSSLKEY'] : ['key', 'certificate: set PGSSLCERT'];
    throw new UserError(`${alone.source} names a ${has} without its ${lacks}.`);
  }
  const pair = {clientCert: readable(cert), clientKey: readable(key)};
  refuseOpenKey(key);
  try {
    createSecureContext({cert: readFileSync(pair.clientCert), key: readFileSync(pair.clientKey)});
  } catch (error) {
    const {code = 'no PEM'} = error as NodeJS.ErrnoException;
    throw new UserError(
      `The certificate ${sanitise(pair.clientCert, 200)} (${cert.source}) and the key ${sanitise(pair.clientKey, 200)} (${key.source}) cannot be used together (${sanitise(code, 80)}).`,
      'Both must be PEM, belong to each other, and the key must have no passphrase.',
    );
  }
  return {...(rootCert ? {rootCert} : {}), ...pair};
}

/** The path, where the file can be read. */
function readable({value, source}: FoundSetting): string {
  const path = String(value);
  try {
    readFileSync(path);
    return path;
  } catch (error) {
    const {code = 'not a file'} = error as NodeJS.ErrnoException;
    throw new UserError(
      `${source} names ${sanitise(path, 200)}, which cannot be read (${code}).`,
      `Correct ${source}.`,
    );
  }
}

// As libpq: its owner alone may read a key, or root's group too where root owns it.
function refuseOpenKey({value, source}: FoundSetting): void {
  const {mode, uid} = statSync(String(value));
  if ((mode & (uid === 0 ? 0o027 : 0o077)) === 0) return;
  throw new UserError(
    `Other users can read the key ${sanitise(String(value), 200)} that ${source} names.`,
    `Run: chmod 600 ${sanitise(String(value), 200)}`,
  );
}
