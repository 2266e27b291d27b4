import {describe, expect, it} from 'vitest';
import {COMMANDS} from '../../src/commands/index.ts';
import {repositoryFiles, type TextFile} from '../helpers/rules/files.ts';
import {requirementsOf, testNamesOf, unproven} from '../helpers/rules/requirements.ts';

const files = repositoryFiles();
const textOf = (path: string): string => files.find(file => file.path === path)?.text ?? '';
const rows = requirementsOf(textOf('test/requirements.md'));
/** What the cells in the middle have in code. */
const named = rows.flatMap(({done}) => [...done.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));

describe('the requirements of the data layer', () => {
  it('are each proven by a test that is there, or said to be missing or decided otherwise', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(unproven(rows, files)).toEqual([]);
  });

  it('are met by commands, tables and functions that are there', () => {
    const asked = named.flatMap(code => /^tradetop ([a-z]+)/.exec(code)?.[1] ?? []);
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(name => !Object.hasOwn(COMMANDS, name))).toEqual([]);
    const sql = `${textOf('sql/02_create_core_tables.sql')}${textOf('sql/03_create_indexes.sql')}`;
    const schemas = 'data_ingestion|strategy_engine|execution|risk_management|analytics|notification|logging|shared';
    const objects = named.filter(code => new RegExp(`^(?:${schemas})\\.\\w+$`).test(code));
    expect(objects.length).toBeGreaterThan(30);
    expect(objects.filter(name => !new RegExp(`\\b${name.replace('.', '\\.')}\\b`).test(sql))).toEqual([]);
    const functions = named.flatMap(code => /^([a-z]\w+)\(/.exec(code)?.[1] ?? []);
    expect(functions.length).toBeGreaterThan(10);
    const api = textOf('src/index.ts');
    expect(functions.filter(name => !new RegExp(`^ *(?:export .*\\b|)${name}\\b`, 'm').test(api))).toEqual([]);
  });
});

describe('the rule of proofs', () => {
  const test: TextFile = {
    path: 'test/unit/a.test.ts',
    text: `it('adds', f); describe('sums', f); test.each([['x']])('of %s', f); it.skipIf(old)('later', f); it.skip('never', f);`,
  };

  it('knows the tests of a file by name', () => {
    expect([...testNamesOf(test)]).toEqual(['adds', 'of %s', 'later']);
  });

  it.each([
    ['`unit/a.test.ts` “adds”, “of %s”', []],
    ['`unit/a.test.ts` “adds”, “never”', ['w: test/unit/a.test.ts has no test “never”']],
    ['`unit/a.test.ts`', ['w: no test of test/unit/a.test.ts is named']],
    ['`unit/b.test.ts` “adds”', ['w: there is no test/unit/b.test.ts']],
    ['somewhere', ['w: there is no proof']],
    ['missing: all of it', []],
    ['decided: not so', []],
    ['missing:', ['w: there is no proof']],
  ])('finds what %s lacks', (proof, problems) => {
    const table = `| asked | does it | proof |\n| --- | --- | --- |\n| w | x | ${proof} |`;
    expect(unproven(requirementsOf(table), [test])).toEqual(problems);
  });
});
