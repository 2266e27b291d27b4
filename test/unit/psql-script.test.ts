import {readdirSync, readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {readPsqlScript, type ScriptItem} from '../../src/io/psql-script.ts';

const texts = (script: string, env = {}): readonly string[] => readPsqlScript(script, env).map(i => i.text);
const dir = new URL('../../sql/', import.meta.url);

describe('a psql script', () => {
  it('is split at the semicolons that end statements, and at no others', () => {
    expect(
      texts(`SELECT 1; -- not ; this
        SELECT ';', "a;b", E'\\';', $$ ; $$, $x$ $$ ; $x$ /* ; /* ; */ ; */;;
        SELECT 'it''s;', e'\\\\', value'x;';`),
    ).toEqual(['SELECT 1', `SELECT ';', "a;b", E'\\';', $$ ; $$, $x$ $$ ; $x$`, `SELECT 'it''s;', e'\\\\', value'x;'`]);
  });

  it('keeps function bodies unchanged, with their comments', () => {
    const body = `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $body$\nBEGIN\n  -- a 'comment;\n  PERFORM 1;\nEND $body$`;
    expect(texts(`${body};\nSELECT 2;`)).toEqual([body, 'SELECT 2']);
  });

  it('takes a dollar sign within a name or before a number for no quote', () => {
    expect(texts('SELECT a$b$c; SELECT $1; SELECT 2;')).toEqual(['SELECT a$b$c', 'SELECT $1', 'SELECT 2']);
  });

  it('substitutes variables: plain, as literals, as identifiers; never in quotes, casts or unknown names', () => {
    const script = `\\set db \`printf %s "\${DB:-plain}"\`
SELECT :db, :'db', :"db", x::text, ':db', ":db", $$ :db :'db' $$, :other, :'other', a[1:2];`;
    expect(texts(script)).toEqual([
      `SELECT plain, 'plain', "plain", x::text, ':db', ":db", $$ :db :'db' $$, :other, :'other', a[1:2]`,
    ]);
    const [odd] = texts(script, {DB: `o'd"d\\`});
    expect(odd).toMatch(/^SELECT o'd"d\\, {2}E'o''d"d\\\\', "o'd""d\\",/);
    expect(texts(script, {DB: ''})).toEqual(texts(script));
  });

  it('understands \\connect and \\gexec, and ignores settings of psql', () => {
    const items = readPsqlScript(
      `\\set QUIET on
\\set name \`printf %s "\${X:-db one}"\`
SELECT 'CREATE DATABASE x' \\gexec
\\connect :name
SELECT 1;`.replace('db one', 'db_one'),
      {},
    );
    expect(items.map(({kind, text, line}) => [kind, text, line])).toEqual([
      ['gexec', "SELECT 'CREATE DATABASE x'", 3],
      ['connect', 'db_one', 4],
      ['statement', 'SELECT 1', 5],
    ]);
  });

  it('reads the branch of \\if that a variable’s being set chooses', () => {
    const script = '\\if :{?x}\nSELECT 1;\n\\set y a\n\\else\n\\set x off\n\\set y b\n\\endif\nSELECT :x, :y;';
    expect(texts(script)).toEqual(['SELECT off, b']);
    expect(readPsqlScript(script, {}, {x: 'on'}).map(i => i.text)).toEqual(['SELECT 1', 'SELECT on, a']);
    expect(() => texts('\\if :{?x}\nSELECT 1;')).toThrow('no \\endif');
    expect(() => texts('\\if true\n\\endif')).toThrow('line 1: \\if true is not supported here');
    expect(() => texts('\\else')).toThrow('line 1: \\else without \\if');
  });

  it('connects to the trading database at setup/connect.sql, whatever its name', () => {
    const script = `\\set trading_db \`printf %s "\${DB:-x}"\`\n\\ir setup/connect.sql\nSELECT 1;`;
    expect(readPsqlScript(script, {DB: `a=b 'c'`}).map(i => [i.kind, i.text])).toEqual([
      ['connect', `a=b 'c'`],
      ['statement', 'SELECT 1'],
    ]);
  });

  it('skips what psql reads from another file', () => {
    const items = readPsqlScript('SELECT 1;\n\\ir other.sql\nSELECT 2;', {});
    expect(items.map(({text, line}) => [text, line])).toEqual([
      ['SELECT 1', 1],
      ['SELECT 2', 3],
    ]);
    expect(() => readPsqlScript('SELECT 1\n\\ir other.sql\n;', {})).toThrow('line 2: \\ir within a statement');
  });

  it('has each statement’s line and section', () => {
    const items = readPsqlScript('SELECT 0;\n-- @section roles\n\nSELECT\n 1;\n-- @section tables\nSELECT 2;', {});
    expect(items.map(({line, section}) => [line, section])).toEqual([
      [1, 'always'],
      [4, 'roles'],
      [7, 'tables'],
    ]);
  });

  it.each([
    ['\\copy t from x', 'line 1: \\copy is not supported here'],
    ['SELECT 1\n\\set x y\n;', 'line 2: \\set within a statement'],
    ["SELECT 'open", 'line 1: unterminated quote'],
    ['SELECT $$ open', 'line 1: unterminated quote'],
    ['SELECT 1;\n\nSELECT 2', 'line 3: the last statement has no semicolon'],
    ['\\set x `rm -rf /`', 'line 1: \\set x `rm -rf /` is not supported here'],
    ['SELECT /* /* */ 1;', 'line 1: unterminated quote'],
  ])('refuses %j', (script, message) => {
    expect(() => readPsqlScript(script, {})).toThrow(message);
  });

  it('loses and adds nothing, with any quoting', () => {
    const plain = fc.stringMatching(/^[a-z0-9 ,.()=\n+]{1,12}$/);
    const inner = fc.stringMatching(/^[a-z;: \-\n/*]{0,10}$/);
    const piece = fc.oneof(
      plain,
      inner.map(s => `'${s}'`),
      inner.map(s => `"${s}"`),
      inner.map(s => `$$${s}$$`),
      inner.map(s => ` $tag$${s}$$$tag$ `),
      inner.map(s => ` E'${s}\\''`),
    );
    const statement = fc.array(piece, {minLength: 1, maxLength: 6}).map(pieces => `x ${pieces.join(' ')}`);
    fc.assert(
      fc.property(fc.array(statement, {minLength: 1, maxLength: 5}), statements => {
        expect(texts(statements.map(s => `${s};`).join('\n'))).toEqual(statements.map(s => s.trim()));
      }),
      {numRuns: 300},
    );
  });

  it.each(readdirSync(dir).filter(file => /^0[1-3]_/.test(file)))(
    '%s is read whole, with the sections that it names',
    file => {
      const text = readFileSync(new URL(file, dir), 'utf8');
      const items: readonly ScriptItem[] = readPsqlScript(text, {});
      expect(items.length).toBeGreaterThan(10);
      expect(new Set(items.map(i => i.section)).size).toBeGreaterThan(1);
      expect(items.filter(i => /^(BEGIN|COMMIT)$/.test(i.text)).length % 2).toBe(0);
      expect(items.map(i => i.text).join('\n')).not.toMatch(/^\\/m);
    },
  );
});
