import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {afterAll, describe, expect, it} from 'vitest';
import {loadConfig} from '../../src/config/config.ts';
import {UserError} from '../../src/core/errors.ts';
import {parseRedisUrl} from '../../src/io/redis-url.ts';
import {redisName} from '../../src/io/targets.ts';

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

  it.each(['http://h', 'redis://h:0', 'redis://h:99999', 'redis://h/x', 'redis-sentinel://a:1', 'redis://:secret%@h'])(
    'refuses %s without repeating it',
    url => {
      expect(() => parseRedisUrl(url)).toThrow(UserError);
      expect(() => parseRedisUrl(url)).not.toThrow(/secret/);
    },
  );
});
