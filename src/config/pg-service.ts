import {readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {variable} from './variables.ts';

/** A service of libpq's service file: its parameters, and how errors name it. */
export type PgService = {readonly params: Readonly<Record<string, string>>; readonly source: string};

/** libpq's name of each setting that a service may have. */
export const SERVICE_PARAMS = {
  host: 'host',
  hostaddr: 'hostaddr',
  port: 'port',
  database: 'dbname',
  user: 'user',
  password: 'password',
  sslmode: 'sslmode',
  sslrootcert: 'sslrootcert',
  sslcert: 'sslcert',
  sslkey: 'sslkey',
} as const;

/** What changes neither the server nor the user nor whom we trust. */
const HARMLESS =
  /^(?:application_name|fallback_application_name|connect_timeout|client_encoding|keepalives(?:_\w+)?|tcp_user_timeout|gssencmode|sslcompression|sslsni|target_session_attrs|load_balance_hosts|passfile)$/;

/**
 * The service that PGSERVICE names: of PGSERVICEFILE or ~/.pg_service.conf, else of pg_service.conf in PGSYSCONFDIR.
 * Undefined where PGSERVICE is not set. Throws a UserError where the service is in neither, or has a parameter that would
 * be passed over.
 */
export function readService(env: Env): PgService | undefined {
  const name = variable(env, 'service');
  if (name === undefined) return undefined;
  const own = variable(env, 'serviceFile');
  const files = [
    own ?? join(env.HOME ?? homedir(), '.pg_service.conf'),
    join(variable(env, 'serviceDirectory') ?? '/etc/postgresql-common', 'pg_service.conf'),
  ];
  const names: string[] = [];
  for (const file of files) {
    const services = servicesIn(file, file === own);
    const params = services.get(name);
    if (params) return {params: checked(params, name, file), source: `service ${sanitise(name, 80)} of ${file}`};
    names.push(...services.keys());
  }
  const all = names.length === 0 ? '' : ` They have: ${names.map(one => sanitise(one, 80)).join(', ')}.`;
  throw new UserError(
    `PGSERVICE names ${sanitise(name, 80)}, which is no service of ${files.join(' or ')}.`,
    didYouMean(name, names, `Correct or unset PGSERVICE.${all}`),
  );
}

function servicesIn(file: string, mustExist: boolean): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const services = new Map<string, Record<string, string>>();
  let params: Record<string, string> = {};
  for (const line of textOf(file, mustExist)
    .split('\n')
    .map(one => one.trim())) {
    const section = /^\[(.*)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      // Of two services with one name libpq takes the first.
      params = {};
      if (!services.has(section)) services.set(section, params);
    } else if (line !== '' && !line.startsWith('#')) {
      const equals = line.indexOf('=');
      params[equals < 0 ? line : line.slice(0, equals).trim()] = equals < 0 ? '' : line.slice(equals + 1);
    }
  }
  return services;
}

function textOf(file: string, mustExist: boolean): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return '';
    throw new UserError(
      `The service file ${file} cannot be read (${code}).`,
      'Correct PGSERVICEFILE, or unset PGSERVICE.',
    );
  }
}

function checked(
  params: Readonly<Record<string, string>>,
  name: string,
  file: string,
): Readonly<Record<string, string>> {
  const known: readonly string[] = Object.values(SERVICE_PARAMS);
  const other = Object.keys(params).find(key => !known.includes(key) && !HARMLESS.test(key));
  if (other === undefined) return params;
  throw new UserError(
    `Service ${sanitise(name, 80)} of ${file} has ${sanitise(other, 40)}, which tradetop does not read.`,
    `It reads: ${known.join(', ')}. Set the others otherwise, or unset PGSERVICE.`,
  );
}
