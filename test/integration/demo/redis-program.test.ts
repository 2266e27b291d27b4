import {mkdirSync, readFileSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {startRedis} from '../../../src/demo/redis.ts';
import {findRedis, needRedis} from '../../../src/demo/redis-program.ts';
import {binDir, scratch} from '../../helpers/desk/demo-probe.ts';

const isRoot = process.geteuid?.() === 0;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A PATH of its own; what an installer logs goes beside it. */
function path(programs: Readonly<Record<string, string>>): string {
  const {dir, remove} = scratch();
  cleanups.push(remove);
  mkdirSync(join(dir, 'bin'));
  return binDir(join(dir, 'bin'), programs);
}

const real = async (): Promise<string> => realpathSync((await needRedis()).file);
const PRINTS = (text: string): string => `#!/bin/sh\necho '${text}'\n`;

describe('finding Redis', () => {
  test('finds a server under the name that Debian’s tools package gives it', async () => {
    const file = await real();
    const dir = path({'redis-check-rdb': file});
    const program = await findRedis({path: dir});
    expect(program).toMatchObject({file: join(dir, 'redis-check-rdb'), argv0: 'redis-server'});
    const server = await startRedis({program: program as NonNullable<typeof program>});
    await server.stop();
  });

  test('skips a version that is too old, and a program that is only a checker', async () => {
    const dir = path({
      'redis-server': PRINTS('Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=0'),
      'redis-check-rdb': PRINTS('Usage: redis-check-rdb <rdb-file-name>'),
      'valkey-server': PRINTS('Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0'),
    });
    expect(await findRedis({path: dir})).toEqual({
      file: join(dir, 'valkey-server'),
      argv0: 'valkey-server',
      version: '8.1',
    });
  });
});

describe('without a Redis', () => {
  const says: string[] = [];
  const say = (line: string): void => void says.push(line);
  afterEach(() => void says.splice(0));

  test('and without an installer, the error says what to run', async () => {
    await expect(needRedis({path: path({}), platform: 'linux', say})).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: 'There is no Redis 6.2 or newer on the PATH, and this machine has no apt-get to install it with.',
      next:
        'Install redis-server or valkey-server with your system’s package manager; on Debian and Ubuntu: ' +
        'sudo apt-get update && sudo apt-get install -y redis-server',
    });
    await expect(needRedis({path: path({}), platform: 'darwin', say})).rejects.toMatchObject({
      message: 'There is no Redis 6.2 or newer on the PATH, and Homebrew is not installed.',
      next: 'Run: brew install redis',
    });
    expect(says).toEqual([]);
  });

  const sudo = '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n';
  const installer = (log: string, body: string): string => `#!/bin/sh\necho "$*" >>${log}\n${body}\n`;

  test('apt-get installs the program without a service, which is reported in one line', async () => {
    const file = await real();
    const dir = path({});
    const log = join(dir, '..', 'log');
    const body = `case "$*" in *'install redis-tools') ln -s ${file} ${dir}/redis-check-rdb;; esac`;
    binDir(dir, {'apt-get': installer(log, body), sudo});
    const program = await needRedis({path: dir, platform: 'linux', say});
    expect(program.file).toBe(join(dir, 'redis-check-rdb'));
    expect(says).toEqual([
      'Redis is missing: installing it with apt-get install redis-tools (the program alone, no service)',
    ]);
    const calls = readFileSync(log, 'utf8').trim().split('\n');
    expect(calls.at(-1)).toBe('-o DPkg::Lock::Timeout=120 -qq -y --no-install-recommends install redis-tools');
    expect(calls.join('\n')).not.toContain('redis-server');
  });

  test('Valkey is installed if a release has nothing else', async () => {
    const dir = path({});
    const log = join(dir, '..', 'log');
    const valkey = PRINTS('Valkey server v=8.1.1').replaceAll("'", '"');
    const body = [
      `case "$*" in`,
      `  *'install redis-tools') echo 'E: Unable to locate package redis-tools' >&2; exit 100;;`,
      `  *'install valkey-tools') printf '%s' '${valkey}' >${dir}/valkey-check-rdb; chmod 755 ${dir}/valkey-check-rdb;;`,
      `esac`,
    ].join('\n');
    binDir(dir, {'apt-get': installer(log, body), sudo});
    expect(await needRedis({path: dir, platform: 'linux', say})).toMatchObject({
      argv0: 'valkey-server',
      version: '8.1',
    });
    expect(says).toHaveLength(1);
  });

  test('and with a failing installer, the error has its last line and the command to run', async () => {
    const dir = path({'apt-get': '#!/bin/sh\necho "E: Could not resolve the mirror" >&2\nexit 100\n', sudo});
    await expect(needRedis({path: dir, platform: 'linux', say})).rejects.toMatchObject({
      message: 'There is no Redis 6.2 or newer on the PATH, and installing it failed: E: Could not resolve the mirror.',
      next: 'Run: sudo apt-get update && sudo apt-get install -y redis-server',
    });
  });

  test.skipIf(isRoot)('and without the right to install, the error says so', async () => {
    const dir = path({'apt-get': '#!/bin/sh\nexit 100\n'});
    await expect(needRedis({path: dir, platform: 'linux', say})).rejects.toThrow('installing it needs root');
  });
});
