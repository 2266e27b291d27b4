import {unquote} from './unquote.ts';

/** What an address of PostgreSQL says; what it leaves out is undefined. */
export type PgAddress = {
  /** Host name, address without brackets, or the directory of a Unix socket. Several, as they were written, with commas. */
  readonly host?: string;
  /** Not checked: `5432`, or whatever stands there. */
  readonly port?: string;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** `sslmode=` of psycopg, `ssl=` of asyncpg. */
  readonly sslmode?: string;
  /** `sslrootcert`, `sslcert` and `sslkey`, those of them that it has. */
  readonly files: Readonly<Record<string, string>>;
  /** A parameter that demands something of TLS or the login that is not read. */
  readonly notDone?: string;
};

const FILES = ['sslrootcert', 'sslcert', 'sslkey'];
const DEMANDS = /^(?:ssl|require|channel_binding$|krb|gss)/;
const READ = /^(?:ssl|sslmode|sslrootcert|sslcert|sslkey|sslcompression|sslsni)$/;

// SQLAlchemy's form, as Prefect reads it: a password may contain anything but an @.
const FORM =
  /^postgres(?:ql)?(?:\+\w+)?:\/\/(?:([^:/@]*)(?::([^@]*))?@)?(?:\[([^/?\]]+)\]|([^/:?]+))?(?::([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/s;

/**
 * Parses an address such as `postgresql+asyncpg://USER:PASSWORD@HOST:5432/DATABASE`, as SQLAlchemy does: parameters such as
 * `?host=` come last and overrule what stands before them. Undefined where it is no such address.
 */
export function parsePgUrl(text: string): PgAddress | undefined {
  const match = FORM.exec(text.trim());
  if (!match) return undefined;
  const [, user, password, ipv6, host, port, database, query] = match;
  const params = new URLSearchParams(query);
  const [paramHost, paramPort] = hostsOf(params.getAll('host'));
  const files = FILES.map(name => [name, params.get(name) ?? ''] as const).filter(([, value]) => value !== '');
  const notDone = [...params].find(([name, value]) => value !== '' && DEMANDS.test(name) && !READ.test(name))?.[0];
  const address = defined({
    notDone,
    host: paramHost ?? ipv6 ?? (host === undefined ? undefined : unquote(host)),
    port: params.get('port') ?? paramPort ?? port,
    database:
      params.get('database') ?? params.get('dbname') ?? (database === undefined ? undefined : unquote(database)),
    user: params.get('user') ?? (user === undefined ? undefined : unquote(user)),
    password: params.get('password') ?? (password === undefined ? undefined : unquote(password)),
    sslmode: params.get('sslmode') ?? params.get('ssl'),
  });
  return {...address, files: Object.fromEntries(files)};
}

/** `?host=HOST:PORT` has its port with it; a directory has none. */
function hostsOf(hosts: readonly string[]): readonly [host?: string, port?: string] {
  const [first, ...more] = hosts;
  if (first === undefined) return [];
  if (more.length > 0) return [hosts.join(',')];
  const [, ipv6, name, port] = /^(?:\[([^\]]+)\]|([^/:]+))(?::(\d+))?$/.exec(first) ?? [];
  return port === undefined ? [ipv6 ?? first] : [ipv6 ?? name, port];
}

type Texts = Omit<PgAddress, 'files'>;

const defined = (values: Readonly<Record<keyof Texts, string | null | undefined>>): Texts =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
