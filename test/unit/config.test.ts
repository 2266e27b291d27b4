import {execFileSync} from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {afterAll, describe, expect, it} from 'vitest';
import {type Config, loadConfig} from '../../src/config/config.ts';
import {listedSettings} from '../../src/config/listed-settings.ts';
import {SYSTEM_KEYS} from '../../src/config/system-keys.ts';
import {ALL_VARIABLES} from '../../src/config/variables.ts';
import {UserError} from '../../src/core/errors.ts';
import {parseRedisUrl} from '../../src/io/redis-url.ts';
import {loadSql} from '../../src/io/sql.ts';
import {pgName, redisName} from '../../src/io/targets.ts';

const dir = mkdtempSync(join(tmpdir(), 'tradetop-config-'));
afterAll(() => rmSync(dir, {recursive: true, force: true}));
const nowhere = {HOME: dir};
const file = (name: string, value: unknown, mode = 0o600) => {
  const path = join(dir, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  chmodSync(path, mode);
  return path;
};

describe('the configuration', () => {
  it('needs nothing set: servers of this machine, the default names', () => {
    const {trading, prefect, redis, environment, readOnly, slowMs, refreshMs} = loadConfig({}, nowhere);
    expect([trading.host, trading.port, trading.database, trading.user]).toEqual([
      'localhost',
      5432,
      'trading_system',
      'postgres',
    ]);
    expect([prefect.database, redisName(redis)]).toEqual(['prefect', 'localhost:6379']);
    expect([environment, readOnly, slowMs, refreshMs]).toEqual(['dev', false, 1000, 2000]);
  });

  it('prefers a flag to the environment, that to the file, and the profile to the file’s top level', () => {
    const config = file('order.json', {
      host: 'top',
      port: 1,
      user: 'top',
      database: 'top',
      profiles: {eu: {host: 'profile', port: 2, user: 'profile'}},
    });
    const {trading} = loadConfig(
      {config, profile: 'eu', user: 'flag'},
      {...nowhere, POSTGRES_PORT: '3', TRADING_DB_USER: 'env'},
    );
    expect([trading.database, trading.host, trading.port, trading.user]).toEqual(['top', 'profile', 3, 'flag']);
  });

  it('shows ASCII alone where the locale is not UTF-8, unless it is told', () => {
    const ascii = (env: object, flags = {}) => loadConfig(flags, {...nowhere, ...env}).ascii;
    expect(
      [{LC_ALL: 'C'}, {LANG: 'POSIX'}, {LC_ALL: '', LC_CTYPE: 'de_DE', LANG: 'de_DE.UTF-8'}].map(env => ascii(env)),
    ).toEqual([true, true, true]);
    expect([{}, {LANG: ''}, {LC_ALL: 'C.UTF-8', LANG: 'C'}, {LANG: 'en_GB.utf8'}].map(env => ascii(env))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(ascii({LC_ALL: 'C', TRADETOP_ASCII: '0'})).toBe(false);
    expect(ascii({LC_ALL: 'C'}, {ascii: false})).toBe(false);
  });

  it('has a limit for times ahead of the database’s clock', () => {
    const ahead = (env: object) => loadConfig({}, {...nowhere, ...env}).trading.clockAheadS;
    expect([ahead({}), ahead({TRADETOP_CLOCK_AHEAD_S: '30'})]).toEqual([5, 30]);
    expect(() => ahead({TRADETOP_CLOCK_AHEAD_S: '-1'})).toThrow('TRADETOP_CLOCK_AHEAD_S is "-1"');
  });

  it('takes an empty variable for none, whichever it is, in the environment and in a file', () => {
    const names = ALL_VARIABLES.flatMap(one => one.names).filter(name => name !== 'HOME');
    const empty = Object.fromEntries(names.map(name => [name, '']));
    const shown = (config: Config) => inspect({...config, redis: {...config.redis, password: config.redis.password()}});
    expect(shown(loadConfig({}, {...nowhere, ...empty}))).toBe(shown(loadConfig({}, nowhere)));
    const envFile = file('empty.env', names.map(name => `${name}=\n`).join(''));
    expect(shown(loadConfig({envFile}, nowhere))).toBe(shown(loadConfig({}, nowhere)));
    const set = {POSTGRES_HOST: 'a', POSTGRES_PORT: '2', TRADING_DB_NAME: 'c', TRADING_DB_USER: 'd', REDIS_HOST: 'e'};
    expect(shown(loadConfig({envFile}, {...nowhere, ...set}))).toBe(shown(loadConfig({}, {...nowhere, ...set})));
    expect(redisName(loadConfig({}, {...nowhere, REDIS_URL: '', REDIS_HOST: 'bus'}).redis)).toBe('bus:6379');
  });

  it('names what has set a value that is wrong', () => {
    const config = file('wrong.json', {refreshMs: 1});
    const service = file('services', '[desk]\nport=none\n');
    const wrong: readonly (readonly [object, object, string])[] = [
      [{port: 99_999}, {}, '--port is 99999; it must be a whole number from 1 to 65535.'],
      [{}, {PGPORT: '1,2'}, 'PGPORT is "1,2"'],
      [{}, {POSTGRES_PORT: '0', PGPORT: '1'}, 'POSTGRES_PORT is "0"'],
      [{slowMs: 0}, {TRADETOP_SLOW_MS: '5'}, '--slow-ms is 0'],
      [{}, {TRADETOP_SLOW_MS: 'fast'}, 'TRADETOP_SLOW_MS is "fast"'],
      [{config}, {}, 'refreshMs in the config file is 1'],
      [{}, {PGSERVICE: 'desk', PGSERVICEFILE: service}, `the service desk of ${service} is "none"`],
      [{redisUrl: 'nonsense'}, {}, '--redis-url is not an address'],
      [{}, {TRADETOP_ENVIRONMENT: 'prd'}, 'TRADETOP_ENVIRONMENT is "prd"'],
    ];
    for (const [flags, env, sentence] of wrong) {
      expect(() => loadConfig(flags, {...nowhere, ...env}), sentence).toThrow(sentence);
    }
    const refused = (environment: string) => {
      try {
        return loadConfig({environment}, nowhere);
      } catch (error) {
        return (error as UserError).next;
      }
    };
    expect([refused('prd'), refused('x')]).toEqual(['Did you mean prod?', 'Correct --environment.']);
  });

  it('connects where libpq’s own variables say, or refuses them by name', () => {
    const services = file(
      'pg_service.conf',
      [
        '# the desk',
        '[desk]',
        'host=db.desk',
        'port=6000',
        'dbname=trading_desk',
        'user=ann',
        'password=secret',
        'sslmode=verify-full',
        'application_name=psql',
        '[odd]',
        'options=-c search_path=x',
        '[numbered]',
        'hostaddr=10.0.0.9',
        'host=db.desk',
        '',
      ].join('\n'),
    );
    const at = (env: object, flags = {}) => {
      const {trading} = loadConfig(flags, {...nowhere, ...env});
      const {host, port, database, user, ssl} = trading;
      return [host, port, database, user, trading.password(), ssl];
    };
    const fromFile = {PGSERVICEFILE: services};
    expect(at({PGSERVICE: 'desk', ...fromFile, PGHOST: 'other', PGSSLMODE: 'disable'})).toEqual([
      'db.desk',
      6000,
      'trading_desk',
      'ann',
      'secret',
      'verify-full',
    ]);
    expect(at({PGSERVICE: 'desk', ...fromFile, POSTGRES_HOST: 'own', TRADING_DB_PASSWORD: 'p'}, {port: 1})).toEqual([
      'own',
      1,
      'trading_desk',
      'ann',
      'p',
      'verify-full',
    ]);
    expect(at({PGSERVICE: 'numbered', ...fromFile})[0]).toBe('10.0.0.9');
    expect(at({PGHOSTADDR: '10.0.0.1'})[0]).toBe('10.0.0.1');
    expect(at({PGHOSTADDR: '10.0.0.1', PGHOST: 'db'})[0]).toBe('10.0.0.1');
    expect(at({PGHOSTADDR: '10.0.0.1', POSTGRES_HOST: 'db'})[0]).toBe('db');
    const refused: readonly (readonly [object, string])[] = [
      [{PGSERVICE: 'dsk', ...fromFile}, `PGSERVICE names dsk, which is no service of ${services} or`],
      [{PGSERVICE: 'desk'}, 'PGSERVICE names desk, which is no service'],
      [{PGSERVICE: 'desk', PGSERVICEFILE: `${dir}/none`}, `The service file ${dir}/none cannot be read (ENOENT).`],
      [{PGSERVICE: 'odd', ...fromFile}, 'has options, which tradetop does not read.'],
      [{PGHOST: 'a,b'}, 'PGHOST names several hosts: a,b.'],
      [{POSTGRES_HOST: 'a,b', PGHOST: 'c'}, 'POSTGRES_HOST names several hosts: a,b.'],
      [{REDIS_HOST: 'a,b'}, 'REDIS_HOST names several hosts: a,b.'],
      [{POSTGRES_HOST: 'db:5433'}, 'POSTGRES_HOST has a port in it: db:5433.'],
      [{PGHOSTADDR: '10.0.0.1', PGHOST: 'db', PGSSLMODE: 'verify-full'}, 'PGHOSTADDR and PGHOST are both set'],
    ];
    for (const [env, sentence] of refused) expect(() => at(env), sentence).toThrow(sentence);
  });

  it('takes IPv6 addresses with and without brackets, and shows them with', () => {
    for (const host of ['::1', '[::1]']) {
      const {trading, redis} = loadConfig({}, {...nowhere, POSTGRES_HOST: host, REDIS_HOST: host});
      expect([trading.host, redis.nodes]).toEqual(['::1', [{host: '::1', port: 6379}]]);
      expect([pgName(trading), redisName(redis)]).toEqual(['[::1]:5432/trading_system', '[::1]:6379']);
    }
  });

  it.each<readonly [string, readonly unknown[]]>([
    [
      'postgresql+asyncpg://prefect:100%pure@127.0.0.1:5499/prefect',
      ['127.0.0.1', 5499, 'prefect', 'prefect', '100%pure'],
    ],
    ['postgresql+asyncpg://p:a/b?c#d:e@[::1]:5499/flows', ['::1', 5499, 'flows', 'p', 'a/b?c#d:e']],
    ['postgresql://p:%zz%C3%A9@h/x', ['h', 5432, 'x', 'p', '%zzé']],
    ['postgresql+asyncpg:///flows?host=/run/pg&user=u', ['/run/pg', 5432, 'flows', 'u', undefined]],
    ['postgresql+asyncpg://u@/flows?host=db:6543', ['db', 6543, 'flows', 'u', undefined]],
    ['postgresql+asyncpg://', ['localhost', 5432, 'prefect', 'postgres', undefined]],
  ])('reads Prefect’s address %s as SQLAlchemy does', (url, expected) => {
    const {prefect} = loadConfig({}, {...nowhere, PREFECT_API_DATABASE_CONNECTION_URL: url});
    const {host, port, database, user} = prefect;
    expect([host, port, database, user, prefect.password()]).toEqual(expected);
  });

  it.each([
    ['postgresql+asyncpg://u:secret@a,b/flows', 'names several hosts: a,b.'],
    ['postgresql+asyncpg://u:secret@/flows?host=a&host=b', 'names several hosts: a,b.'],
    ['postgresql+asyncpg://u:secret@h:port/flows', 'the port in PREFECT_API_DATABASE_CONNECTION_URL is "port"'],
    [
      'postgresql+asyncpg://u:secret@h/flows?ssl=maybe',
      'the sslmode in PREFECT_API_DATABASE_CONNECTION_URL is "maybe"',
    ],
    ['mysql://u:secret@h/flows', 'PREFECT_API_DATABASE_CONNECTION_URL is not a PostgreSQL address.'],
  ])('refuses Prefect’s address %s without its password', (url, sentence) => {
    const load = () => loadConfig({}, {...nowhere, PREFECT_API_DATABASE_CONNECTION_URL: url});
    expect(load).toThrow(sentence);
    expect(load).not.toThrow('secret');
  });

  it('takes the files of TLS from libpq’s variables, an address or ~/.postgresql, or refuses them by name', () => {
    const home = join(dir, 'home');
    mkdirSync(join(home, '.postgresql'), {recursive: true});
    const own = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-x509', '-subj', '/CN=x'];
    const [cert, key] = [join(home, '.postgresql', 'postgresql.crt'), join(home, '.postgresql', 'postgresql.key')];
    execFileSync('openssl', ['req', ...own, '-out', cert, '-keyout', key], {stdio: 'ignore'});
    chmodSync(key, 0o600);
    const root = file('root.pem', readFileSync(cert, 'utf8'));
    const other = file('other.pem', 'no PEM');
    chmodSync(other, 0o600);
    const files = (env: object, of: 'trading' | 'prefect' = 'trading') => {
      const {rootCert, clientCert, clientKey} = loadConfig({}, {...nowhere, PGHOST: 'db', ...env})[of];
      return [rootCert, clientCert, clientKey];
    };
    const set = {PGSSLROOTCERT: root, PGSSLCERT: cert, PGSSLKEY: key};
    expect(files(set)).toEqual([root, cert, key]);
    expect(files(set, 'prefect')).toEqual([root, cert, key]);
    expect(files({...set, PGSSLMODE: 'disable'})).toEqual([undefined, undefined, undefined]);
    expect(files({HOME: home})).toEqual([undefined, cert, key]);
    copyFileSync(cert, join(home, '.postgresql', 'root.crt'));
    expect(files({HOME: home, PGSSLMODE: 'require'})[0]).toBe(join(home, '.postgresql', 'root.crt'));
    const address = (query: string) => ({PREFECT_API_DATABASE_CONNECTION_URL: `postgresql://u@h/p?${query}`});
    expect(files(address(`sslcert=${cert}&sslkey=${key}&sslrootcert=${root}`), 'prefect')).toEqual([root, cert, key]);
    const open = file('open.pem', readFileSync(key, 'utf8'));
    chmodSync(open, 0o644);
    for (const [env, sentence] of [
      [{PGSSLROOTCERT: '/nonexistent/ca'}, 'PGSSLROOTCERT names /nonexistent/ca, which cannot be read (ENOENT).'],
      [{PGSSLROOTCERT: 'system'}, 'PGSSLROOTCERT is system: tradetop does not read the system’s certificates.'],
      [{PGSSLCERT: cert}, 'PGSSLCERT names a certificate without its key: set PGSSLKEY.'],
      [{PGSSLKEY: key}, 'PGSSLKEY names a key without its certificate: set PGSSLCERT.'],
      [{PGSSLCERT: cert, PGSSLKEY: open}, `Other users can read the key ${open} that PGSSLKEY names.`],
      [{PGSSLCERT: cert, PGSSLKEY: other}, 'cannot be used together'],
      [{PGSSLCRL: '/x'}, 'PGSSLCRL is "/x", which tradetop cannot do'],
      [{PGCHANNELBINDING: 'require'}, 'PGCHANNELBINDING is "require", which tradetop cannot do'],
      [{PGSSLMINPROTOCOLVERSION: 'TLSv1.3'}, 'PGSSLMINPROTOCOLVERSION is "TLSv1.3"'],
      [address('sslcert=/nonexistent/c&sslkey=/k'), 'the sslcert in PREFECT_API_DATABASE_CONNECTION_URL names'],
      [
        address('sslcrl=/x'),
        'PREFECT_API_DATABASE_CONNECTION_URL has a parameter sslcrl, which tradetop does not read',
      ],
    ] as const) {
      expect(() => files(env), sentence).toThrow(sentence);
    }
    expect(files({PGCHANNELBINDING: 'prefer', PGSSLMINPROTOCOLVERSION: 'TLSv1.2'})).toHaveLength(3);
  });

  it('masks account ids where that is chosen, and by a hash only with a key', () => {
    const masking = (env: object) => loadConfig({}, {...nowhere, ...env}).maskAccounts;
    expect([masking({}), masking({TRADETOP_MASK_ACCOUNTS: 'last3'})]).toEqual([undefined, {mode: 'last3'}]);
    const hash = {TRADETOP_MASK_ACCOUNTS: 'hash'};
    expect(masking({...hash, TRADETOP_MASK_KEY: '0123456789abcdef'})).toEqual({
      mode: 'hash',
      key: expect.any(Function),
    });
    expect(() => masking({...hash, TRADETOP_MASK_KEY: 'short'})).toThrow('needs a key of at least 16 characters');
    expect(() => masking({TRADETOP_MASK_ACCOUNTS: 'all'})).toThrow(
      'TRADETOP_MASK_ACCOUNTS is "all"; it must be one of',
    );
    const listed = listedSettings({}, {...nowhere, ...hash, TRADETOP_MASK_KEY: '0123456789abcdef'});
    expect(listed.find(({key}) => key === 'maskKey')?.value).toBe('(set)');
  });

  it('prefers its own variables to libpq’s', () => {
    const {trading} = loadConfig(
      {},
      {...nowhere, PGHOST: 'a', POSTGRES_HOST: 'b', PGUSER: 'u', PGPASSWORD: 'p', PGSSLMODE: 'verify-full'},
    );
    expect([trading.host, trading.user, trading.password(), trading.ssl]).toEqual(['b', 'u', 'p', 'verify-full']);
  });

  it('understands Prefect’s own address with its +asyncpg', () => {
    const {prefect} = loadConfig(
      {},
      {
        ...nowhere,
        PREFECT_API_DATABASE_CONNECTION_URL: 'postgresql+asyncpg://pre%40fect:s%3Acret@db.example:6543/flows',
      },
    );
    expect([prefect.host, prefect.port, prefect.database, prefect.user, prefect.password()]).toEqual([
      'db.example',
      6543,
      'flows',
      'pre@fect',
      's:cret',
    ]);
  });

  it('is read-only by default in prod only, and as a variable says', () => {
    expect(loadConfig({environment: 'prod'}, nowhere).readOnly).toBe(true);
    expect(loadConfig({environment: 'prod'}, {...nowhere, TRADETOP_READ_ONLY: '0'}).readOnly).toBe(false);
    expect(loadConfig({}, {...nowhere, TRADETOP_READ_ONLY: 'yes'}).readOnly).toBe(true);
  });

  it('shows no password in any output', () => {
    const config = loadConfig(
      {},
      {...nowhere, TRADING_DB_PASSWORD: 'hunter2', REDIS_URL: 'redis://:hunter2@h:1/0', PREFECT_DB_PASSWORD: 'hunter2'},
    );
    expect(config.trading.password()).toBe('hunter2');
    expect(inspect(config, {depth: 9, showHidden: true}) + JSON.stringify(config)).not.toContain('hunter2');
  });

  it('reads an env file only if it is named', () => {
    const envFile = file('.env', 'POSTGRES_HOST=from-file\nTRADING_DB_PASSWORD="with space"\n');
    expect(loadConfig({}, nowhere).trading.host).toBe('localhost');
    const {trading} = loadConfig({envFile}, nowhere);
    expect([trading.host, trading.password()]).toEqual(['from-file', 'with space']);
  });

  it.each([
    [
      'a port that is no number',
      {},
      {POSTGRES_PORT: '54x2'},
      /POSTGRES_PORT is "54x2"; it must be a whole number from 1 to 65535/,
    ],
    ['a port out of range', {}, {POSTGRES_PORT: '70000'}, /POSTGRES_PORT/],
    ['an unknown environment', {environment: 'production'}, {}, /must be one of demo, dev, paper, prod/],
    ['an unknown sslmode', {}, {PGSSLMODE: 'on'}, /PGSSLMODE/],
    ['an invalid Redis address', {}, {REDIS_URL: 'localhost:6379'}, /REDIS_URL is not an address/],
    ['a password in a flag', {redisUrl: 'redis://:secret@h:1'}, {}, /must not carry a password/],
    ['a password as a parameter', {redisUrl: 'redis://h:1?password=secret'}, {}, /must not carry a password/],
    ['a password of a Cluster', {redisUrl: 'redis-cluster://:secret@a:1,b:2'}, {}, /must not carry a password/],
    ['a missing env file', {envFile: '/nonexistent/.env'}, {}, /Cannot read \/nonexistent\/.env \(ENOENT\)/],
    ['a profile without a file', {profile: 'eu'}, {}, /There is no profile eu/],
    [
      'a Prefect address of another database system',
      {},
      {PREFECT_API_DATABASE_CONNECTION_URL: 'sqlite:///x'},
      /not a PostgreSQL address/,
    ],
    ['a read-only that is neither yes nor no', {}, {TRADETOP_READ_ONLY: 'maybe'}, /TRADETOP_READ_ONLY/],
  ])('refuses %s in a sentence', (_, flags, env, message) => {
    const load = () => loadConfig(flags, {...nowhere, ...env});
    expect(load).toThrow(UserError);
    expect(load).toThrow(message);
  });

  it.each([
    ['invalid JSON', '{', /is not valid JSON/],
    ['an unknown key', {hots: 'x'}, /hots|[Uu]nrecognized/],
    ['a value of the wrong type', {port: 'x'}, /port/],
  ])('refuses a config file with %s', (_, value, message) => {
    expect(() => loadConfig({config: file('bad.json', value)}, nowhere)).toThrow(message);
  });

  it('refuses a config file with a password that others can read', () => {
    const config = file('open.json', {redisUrl: 'redis://:secret@h:1/0'}, 0o644);
    expect(() => loadConfig({config}, nowhere)).toThrow(/other users can read it/);
    chmodSync(config, 0o600);
    expect(loadConfig({config}, nowhere).redis.password()).toBe('secret');
  });
});

describe('REDIS_URL', () => {
  it.each([
    ['redis://localhost:6379/0', {kind: 'standalone', nodes: [{host: 'localhost', port: 6379}], db: 0, tls: false}],
    [
      'rediss://user:p%40ss@r.example:7000/3',
      {kind: 'standalone', nodes: [{host: 'r.example', port: 7000}], db: 3, tls: true, user: 'user'},
    ],
    ['redis://[::1]:6380', {nodes: [{host: '::1', port: 6380}]}],
    [
      'redis-sentinel://a:1,b/2?master=desk',
      {
        kind: 'sentinel',
        nodes: [
          {host: 'a', port: 1},
          {host: 'b', port: 26_379},
        ],
        master: 'desk',
        db: 2,
      },
    ],
    [
      'redis-cluster://a:1,b:2',
      {
        kind: 'cluster',
        nodes: [
          {host: 'a', port: 1},
          {host: 'b', port: 2},
        ],
      },
    ],
    ['unix:///run/redis.sock?db=4', {socket: '/run/redis.sock', db: 4}],
  ])('understands %s', (url, target) => {
    expect(parseRedisUrl(url)).toMatchObject(target);
  });

  it('keeps colons and escapes in passwords', () => {
    expect(parseRedisUrl('redis://:a:b%2Fc@h/0').password()).toBe('a:b/c');
  });

  it.each<readonly [string, object]>([
    ['redis://127.0.0.1:6399/0?password=s%2Fcret', {password: 's/cret', db: 0}],
    ['redis://h?username=ann&password=pw&db=3', {user: 'ann', password: 'pw', db: 3}],
    ['redis://own:own@h/1?username=ann&password=pw&db=3', {user: 'own', password: 'own', db: 3}],
    ['redis://:a@b@h', {password: 'a@b'}],
    ['redis://:100%pure@h', {password: '100%pure'}],
    ['rediss://h?ssl_cert_reqs=none&socket_timeout=5&decode_responses=True', {tls: true, trust: 'anyone'}],
    ['rediss://h?ssl_check_hostname=False', {trust: 'any name'}],
    [
      'redis-cluster://[::1]:7000,[fe80::1]:7001',
      {
        nodes: [
          {host: '::1', port: 7000},
          {host: 'fe80::1', port: 7001},
        ],
      },
    ],
    ['unix:///run/redis@desk.sock?password=pw', {socket: '/run/redis@desk.sock', password: 'pw'}],
  ])('reads %s as redis-py does', (url, expected) => {
    const {password, ...target} = parseRedisUrl(url);
    expect({...target, password: password()}).toMatchObject(expected);
  });

  it.each([
    ['redis://:sec/ret@h:6379/0', /REDIS_URL has a \/ before its @/],
    ['redis://user:123/secret@h/0', /REDIS_URL has a \/ before its @/],
    ['redis://:sec?ret@h', /REDIS_URL has a \? before its @/],
    ['redis://:sec#ret@h', /REDIS_URL has a # before its @/],
    ['redis://h?pasword=secret', /has a parameter pasword, which tradetop does not read/],
    ['rediss://h?ssl_cert_reqs=secret', /ssl_cert_reqs in REDIS_URL must be/],
    ['redis://h:port', /host or port in REDIS_URL is wrong/],
  ])('refuses %s by name', (url, sentence) => {
    expect(() => parseRedisUrl(url)).toThrow(sentence);
    expect(() => parseRedisUrl(url)).not.toThrow(/secret|ret@/);
  });

  it.each(['http://h', 'redis://h:0', 'redis://h:99999', 'redis://h/x', 'redis-sentinel://a:1'])('refuses %s', url => {
    expect(() => parseRedisUrl(url)).toThrow(UserError);
  });
});

describe('the settings of the system', () => {
  const {dir: sqlDir} = loadSql();
  const texts = readdirSync(sqlDir, {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('.sql'))
    .map(name => readFileSync(join(sqlDir, name), 'utf8').replaceAll(/^--.*$/gm, ''));
  const found = (pattern: RegExp, among: readonly string[] = texts): readonly string[] =>
    among.flatMap(text => [...text.matchAll(pattern)].map(m => m[1] ?? ''));

  it('are each read by a statement, and no statement reads one that is not listed', () => {
    const reading = texts.filter(text => /\b(?:FROM|JOIN) shared\.system_config\b/.test(text));
    expect([...new Set(found(/\bkey = '([^']+)'/g, reading))].sort()).toEqual(Object.keys(SYSTEM_KEYS).sort());
  });

  it('are written by nobody under a key that nobody reads', () => {
    const written = found(/\b(?:INSERT INTO|UPDATE) shared\.system_config\b([^;]*)/g);
    expect(written.length).toBeGreaterThan(0);
    expect(found(/'([a-z_]+\.[a-z_]+)'/g, written).filter(key => !Object.hasOwn(SYSTEM_KEYS, key))).toEqual([]);
  });
});
