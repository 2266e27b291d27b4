import {readFileSync} from 'node:fs';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Secret, secret} from '../core/secret.ts';
import type {HostPort, RedisTarget} from './targets.ts';
import {unquote} from './unquote.ts';

const FORMS =
  'Write redis://[USER:PASSWORD@]HOST:PORT/DB, rediss://… for TLS, redis-sentinel://HOST:26379,HOST:26379/0?master=NAME or redis-cluster://HOST:PORT,HOST:PORT';

// As urllib reads it: the last @ ends user and password.
const FORM =
  /^(redis|rediss|redis-sentinel|rediss-sentinel|redis-cluster|rediss-cluster|unix):\/\/(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?$/s;

/** Parameters that say whom to connect to, as whom and whom to trust. */
const PARAMS = ['username', 'password', 'db', 'master', 'name', 'ssl_ca_certs', 'ssl_certfile', 'ssl_keyfile'] as const;
const TRUST = ['ssl_cert_reqs', 'ssl_check_hostname'] as const;
/** redis-py's settings of its own pools and decoding, which mean nothing here. */
const FOREIGN =
  /^(?:socket_(?:timeout|connect_timeout|keepalive|read_size)|timeout|retry_on_(?:timeout|error)|max_connections|health_check_interval|client_name|lib_name|lib_version|protocol|decode_responses|encoding(?:_errors)?|single_connection_client)$/;

/**
 * Parses an address of Redis, with redis-py's parameters: `?username=`, `?password=` and `?db=` count where the address has
 * none, or, for `db`, before it; certificates are read from the files that `?ssl_ca_certs=…`, `ssl_certfile=…` and
 * `ssl_keyfile=…` name. `fallback` (REDIS_PASSWORD) is the password where there is none; `source` names the setting in
 * errors. Throws a UserError that never repeats the address, since it may contain a password.
 */
export function parseRedisUrl(text: string, fallback: Secret = secret(undefined), source = 'REDIS_URL'): RedisTarget {
  const match = FORM.exec(text.trim());
  const [, scheme = '', auth = '', hosts = '', path = '', query = '', fragment = ''] = match ?? [];
  if (!match || fragment.includes('@') || (scheme !== 'unix' && path.includes('@'))) throw unreadable(text, source);
  const kind = scheme.endsWith('-sentinel') ? 'sentinel' : scheme.endsWith('-cluster') ? 'cluster' : 'standalone';
  const nodes =
    scheme === 'unix'
      ? [{host: 'localhost', port: 0}]
      : hosts.split(',').map(h => hostPort(h, kind === 'sentinel' ? 26_379 : 6379, () => unreadable(text, source)));
  const params = new URLSearchParams(query);
  const odd = unknownParam(params);
  // Before an @ it may be a part of the password.
  if (odd !== undefined && query.includes('@') && auth === '') throw unreadable(text, source);
  if (odd !== undefined) {
    throw new UserError(
      `${source} has a parameter ${sanitise(odd, 40)}, which tradetop does not read.`,
      `It reads: ${[...PARAMS, ...TRUST].join(', ')}.`,
    );
  }
  const master = params.get('master') ?? params.get('name') ?? undefined;
  const [name = '', ...rest] = auth.split(':');
  const user = unquote(name) || params.get('username') || '';
  const given = secret(unquote(rest.join(':')) || params.get('password') || undefined);
  if (kind === 'sentinel' && !master) throw new UserError(`${source} names Sentinels but not their master.`, FORMS);
  return {
    kind,
    nodes,
    db: database(params.get('db') || (scheme === 'unix' ? '' : path.slice(1)) || '0', source),
    password: given() === undefined ? fallback : given,
    tls: scheme.startsWith('rediss'),
    ...certificates(params, source),
    ...(master ? {master} : {}),
    ...(user ? {user} : {}),
    ...(scheme === 'unix' ? {socket: unquote(path)} : {}),
  };
}

/** Why an address cannot be read: where it has an @ behind a /, ? or #, one of these is probably in its password. */
function unreadable(text: string, source: string): UserError {
  const [, authority = '', rest = ''] = /^[\w-]+:\/\/([^/?#]*)(.*)$/s.exec(text.trim()) ?? [];
  if (!authority.includes('@') && rest.includes('@')) {
    return new UserError(
      `${source} has a ${rest[0]} before its @: that ends the host and port, also within a password.`,
      'In a password write / as %2F, ? as %3F, # as %23, @ as %40 and % as %25.',
    );
  }
  return FORM.test(text.trim())
    ? new UserError(`The host or port in ${source} is wrong.`, FORMS)
    : new UserError(`${source} is not an address that tradetop can use.`, FORMS);
}

function unknownParam(params: URLSearchParams): string | undefined {
  const known: readonly string[] = [...PARAMS, ...TRUST];
  return [...params.keys()].find(name => !known.includes(name) && !FOREIGN.test(name));
}

function database(text: string, source: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new UserError(`The database in ${source} is not a number.`, FORMS);
}

function certificates(params: URLSearchParams, source: string): Pick<RedisTarget, 'ca' | 'cert' | 'key' | 'trust'> {
  const pem = (name: string): string | undefined => {
    const file = params.get(name);
    if (file === null) return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      throw new UserError(`The file of ${name} in ${source} cannot be read (${code}).`, 'Name a PEM file.');
    }
  };
  const [ca, cert, key] = [pem('ssl_ca_certs'), pem('ssl_certfile'), pem('ssl_keyfile')];
  const trust = trustOf(params, source);
  return {...(ca ? {ca} : {}), ...(cert ? {cert} : {}), ...(key ? {key: secret(key)} : {}), ...(trust ? {trust} : {})};
}

function trustOf(params: URLSearchParams, source: string): RedisTarget['trust'] {
  const required = params.get('ssl_cert_reqs') ?? 'required';
  const named = (params.get('ssl_check_hostname') ?? 'true').toLowerCase();
  if (!['required', 'optional', 'none'].includes(required)) {
    throw new UserError(`ssl_cert_reqs in ${source} must be required, optional or none.`, FORMS);
  }
  if (required === 'none') return 'anyone';
  return ['false', '0', 'no', 'off', 'f', 'n'].includes(named) ? 'any name' : undefined;
}

function hostPort(text: string, fallbackPort: number, wrong: () => UserError): HostPort {
  const m = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text);
  const port = m?.[3] ? Number(m[3]) : fallbackPort;
  if (!m || port < 1 || port > 65_535) throw wrong();
  return {host: unquote(m[1] ?? m[2] ?? '') || 'localhost', port};
}
