import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, test} from 'vitest';
import {program} from '../helpers/desk/console.ts';

const home = mkdtempSync(join(tmpdir(), 'tradetop-start-'));
afterAll(() => rmSync(home, {recursive: true, force: true}));

/** Runs the program in a home of its own. `loaded`: the program's own files that Node has run. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const coverage = mkdtempSync(join(home, 'coverage-'));
  const {status, stdout, stderr} = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    env: {PATH: process.env.PATH, HOME: home, NODE_V8_COVERAGE: coverage, ...env},
  });
  const urls = readdirSync(coverage).flatMap(file => {
    const {result} = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {result: readonly {url: string}[]};
    return result.map(({url}) => url);
  });
  return {status, stdout, stderr, loaded: urls.filter(url => url.includes('/dist/')).map(url => fileURLToPath(url))};
}

describe('the program', () => {
  test.each([['--version'], ['--help']])('%s loads next to nothing of it', word => {
    const {status, stdout, loaded} = run([word]);
    expect(status).toBe(0);
    expect(stdout).toMatch(word === '--version' ? /^\d+\.\d+\.\d+\n$/ : /demo +a whole trading desk.*\n.*feed/);
    expect(loaded).toContain(program);
    expect(loaded.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(50_000);
  });

  test('a command’s help loads neither Ink nor zod nor pg', () => {
    const {stdout, loaded} = run(['watch', '--help']);
    expect(stdout).toContain('--wait');
    const text = loaded.map(file => readFileSync(file, 'utf8')).join('\n');
    for (const library of ['ink-root', 'ZodObject', 'pg_type'])
      expect([library, text.includes(library)]).toEqual([library, false]);
  });

  test('runs where nothing can be kept', () => {
    const {status, stdout, stderr} = run(['--version'], {XDG_CACHE_HOME: '/proc/nowhere'});
    expect({status, stderr}).toEqual({status: 0, stderr: ''});
    expect(stdout).toMatch(/^\d/);
  });

  const old = ['/usr/bin/node', '/usr/local/bin/node'].find(file => {
    const {stdout} = spawnSync(file, ['--version'], {encoding: 'utf8'});
    return /^v(?:18|20)\./.test(stdout ?? '');
  });
  test.skipIf(old === undefined)('says in a sentence that Node is too old', () => {
    const {status, stdout, stderr} = spawnSync(old ?? '', [program, 'watch'], {encoding: 'utf8', timeout: 30_000});
    expect({status, stdout}).toEqual({status: 2, stdout: ''});
    expect(stderr).toMatch(/^tradetop: Node \S+ is too old: tradetop needs 22\.12 or newer\.\n.*\n$/);
  });

  // Node tries a recursive mkdir below /proc for ever: the limit ends it.
  test('logs nothing where no directory can be made, and goes on', () => {
    const call = "import {openLog} from './src/io/log.ts'; openLog('/proc/nowhere/state/tradetop.log').info('kept')";
    const {status, stderr} = spawnSync(process.execPath, ['--input-type=module', '--eval', call], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({status, stderr}).toEqual({status: 0, stderr: ''});
  });
});
