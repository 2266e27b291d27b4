import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {ALL_VARIABLES, LOGIN_ROLES, VARIABLES, type VariableKey, variable} from '../../src/config/variables.ts';
import {childEnv} from '../../src/core/env.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = execFileSync('git', ['ls-files', 'src', 'components'], {cwd: root, encoding: 'utf8'})
  .split('\n')
  // The build is not a part of the program.
  .filter(file => /\.tsx?$/.test(file) && !['src/build.ts', 'src/config/variables.ts'].includes(file))
  .map(file => readFileSync(`${root}/${file}`, 'utf8'));
const all = (pattern: RegExp) => new Set(sources.flatMap(text => [...text.matchAll(pattern)].map(m => m[1] as string)));

describe('the list of environment variables', () => {
  it('has every variable that the program reads, and the program reads each of them', () => {
    const keys = all(
      /(?:foundSetting|textSetting|setting|variable|whole|flag|oneOf)\((?:from(?:\.env)?|env)?,? ?'(\w+)'/g,
    );
    const byKey = Object.entries(VARIABLES).flatMap(([key, {names}]) => (keys.has(key) ? [...names] : []));
    const byRole = sources.some(text => /Object\.entries\(LOGIN_ROLES\)/.test(text)) ? Object.values(LOGIN_ROLES) : [];
    const literal = all(/\benv\.([A-Z][A-Z0-9_]*)\b/g);
    const temporary = sources.some(text => text.includes('tmpdir()')) ? ['TMPDIR'] : [];
    const read = new Set([...byKey, ...byRole, ...literal, ...temporary]);
    expect([...read].sort()).toEqual(ALL_VARIABLES.flatMap(({names}) => [...names]).sort());
  });

  it('names none twice, and says of each what it does', () => {
    const names = ALL_VARIABLES.flatMap(v => [...v.names]);
    expect(new Set(names).size).toBe(names.length);
    expect(ALL_VARIABLES.filter(v => v.does === '')).toEqual([]);
  });

  it('gives the first name that is set; an empty one is not set, as in libpq', () => {
    const read = (env: Readonly<Record<string, string>>, key: VariableKey = 'host') => variable(env, key);
    expect([read({}), read({PGHOST: 'a'}), read({PGHOST: 'a', POSTGRES_HOST: ''})]).toEqual([undefined, 'a', 'a']);
  });

  it('names the variable of each role after it', () => {
    for (const [role, name] of Object.entries(LOGIN_ROLES)) expect(name).toBe(`${role.toUpperCase()}_PASSWORD`);
  });
});

describe('the environment of a child process', () => {
  const shell = {
    PATH: '/bin',
    HOME: '/home/ann',
    LC_TIME: 'de_DE.UTF-8',
    XDG_STATE_HOME: '/x',
    NODE_OPTIONS: '--max-old-space-size=64',
    TRADETOP_PG_BIN: '/pg',
    HTTPS_PROXY: 'http://proxy',
    https_proxy: 'http://proxy',
    PGPASSWORD: 'p',
    PGHOST: 'h',
    TRADING_DB_PASSWORD: 'p',
    TRADETOP_SECRET_KEY: 'k',
    SVC_EXECUTION_PASSWORD: 'p',
    REDIS_URL: 'redis://:p@h',
    AWS_SECRET_ACCESS_KEY: 'k',
    LD_PRELOAD: '/evil.so',
    MY_PATH: 'x',
  };
  it.each([
    ['program', ['HOME', 'LC_TIME', 'PATH']],
    ['ours', ['HOME', 'LC_TIME', 'NODE_OPTIONS', 'PATH', 'TRADETOP_PG_BIN', 'XDG_STATE_HOME']],
    ['installer', ['HOME', 'HTTPS_PROXY', 'LC_TIME', 'PATH', 'XDG_STATE_HOME', 'https_proxy']],
  ] as const)('of a %s has only what that needs', (kind, names) => {
    expect(Object.keys(childEnv(shell, kind)).toSorted()).toEqual(names);
  });
});
