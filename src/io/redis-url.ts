import {readFileSync} from 'node:fs';
import {UserError} from '../core/errors.ts';
import {type Secret, secret} from '../core/secret.ts';
import type {HostPort, RedisTarget} from './targets.ts';

const FORMS =
  'Write redis://[USER:PASSWORD@]HOST:PORT/DB, rediss://… for TLS, redis-sentinel://HOST:26379,HOST:26379/0?master=NAME or redis-cluster://HOST:PORT,HOST:PORT';

/**
 * Parses REDIS_URL. `fallback` (REDIS_PASSWORD) is the password if the address has none. Reads certificates from the
 * files that it names in redis-py's parameters: `?ssl_ca_certs=…`, `ssl_certfile=…` and `ssl_keyfile=…`. Throws a
 * UserError that never repeats the address, since it may contain a password.
 */
export function parseRedisUrl(text: string, fallback: Secret = secret(undefined)): RedisTarget {
  const m =
    /^(redis|rediss|redis-sentinel|rediss-sentinel|redis-cluster|rediss-cluster|unix):\/\/(?:([^@/]*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/.exec(
      text.trim(),
    );
  if (!m) throw new UserError('REDIS_URL is not an address that tradetop can use.', FORMS);
  const [, scheme = '', auth = '', hosts = '', path = '', query = ''] = m;
  const [user = '', ...rest] = auth.split(':');
  const password = rest.length > 0 ? secret(decode(rest.join(':'))) : fallback;
  const params = new URLSearchParams(query);
  const kind = scheme.endsWith('-sentinel') ? 'sentinel' : scheme.endsWith('-cluster') ? 'cluster' : 'standalone';
  const nodes =
    scheme === 'unix'
      ? [{host: 'localhost', port: 0}]
      : hosts.split(',').map(h => hostPort(h, kind === 'sentinel' ? 26_379 : 6379));
  const master = params.get('master') ?? params.get('name') ?? undefined;
  if (kind === 'sentinel' && !master) throw new UserError('REDIS_URL names Sentinels but not their master.', FORMS);
  const dbText = scheme === 'unix' ? (params.get('db') ?? '0') : path.slice(1) || params.get('db') || '0';
  if (!/^\d{1,5}$/.test(dbText)) throw new UserError('The database in REDIS_URL is not a number.', FORMS);
  return {
    kind,
    nodes,
    db: Number(dbText),
    password,
    tls: scheme.startsWith('rediss'),
    ...certificates(params),
    ...(master ? {master} : {}),
    ...(user ? {user: decode(user)} : {}),
    ...(scheme === 'unix' ? {socket: decode(path)} : {}),
  };
}

function certificates(params: URLSearchParams): Pick<RedisTarget, 'ca' | 'cert' | 'key'> {
  const pem = (name: string): string | undefined => {
    const file = params.get(name);
    if (file === null) return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      throw new UserError(`The file of ${name} in REDIS_URL cannot be read (${code}).`, 'Name a PEM file.');
    }
  };
  const [ca, cert, key] = [pem('ssl_ca_certs'), pem('ssl_certfile'), pem('ssl_keyfile')];
  return {...(ca ? {ca} : {}), ...(cert ? {cert} : {}), ...(key ? {key: secret(key)} : {})};
}

function hostPort(text: string, fallbackPort: number): HostPort {
  const m = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text);
  const port = m?.[3] ? Number(m[3]) : fallbackPort;
  if (!m || port < 1 || port > 65_535) throw new UserError('The host or port in REDIS_URL is wrong.', FORMS);
  return {host: decode(m[1] ?? m[2] ?? '') || 'localhost', port};
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UserError('REDIS_URL has an invalid %-escape.', 'Write % itself as %25.');
  }
}
