import {describe, expect, it} from 'vitest';
import {loadSql, readStatement} from '../../src/io/sql.ts';

const sql = loadSql();
const bare = (statement: string): string => statement.replace(/^\/\* tradetop:[^*]*\*\/ /, '');

describe('a statement', () => {
  it('is the same from the library and read alone, for every name', () => {
    const alone = sql.names().filter(name => {
      try {
        return readStatement(name) !== sql.statement(name);
      } catch {
        // Only newer variants: neither has it.
        return true;
      }
    });
    expect(alone.filter(name => /^(?:audit|locking|secrets|sync|monitor\/sync)/.test(name))).toEqual([]);
    expect(() => readStatement('audit/nothing')).toThrow('no SQL named audit/nothing');
  });

  it('carries its name in front, and again after the first word where it watches', () => {
    expect(sql.statement('backup/analyze')).toBe('/* tradetop:backup/analyze */ ANALYZE');
    expect(sql.statement('setup/state')).toMatch(/^\/\* tradetop:setup\/state \*\/ SELECT count/);
    expect(sql.statement('pg/session')).toMatch(/^(\/\* tradetop:pg\/session \*\/) SELECT \1 pg_catalog\.count\(/);
  });

  it('gets its identifiers quoted, whatever they hold', () => {
    const text = sql.statement('locking/row_now', 0, {schema: 'a"b', table: '$1 $& :"id"', id: 'K'});
    expect(bare(text)).toBe('SELECT * FROM "a""b"."$1 $& :""id""" AS edited WHERE edited."K" = $1');
  });

  it('keeps its placeholders without identifiers, and misses one that is not given', () => {
    expect(bare(sql.statement('actions/set_role'))).toBe('SET ROLE :"role"');
    expect(() => sql.statement('actions/set_role', 0, {})).toThrow('no identifier :"role" for actions/set_role');
  });

  it('repeats the line of a list, with its parameters counted on, and leaves the line of an empty list out', () => {
    const update = (column: readonly string[], touched: readonly string[]) =>
      bare(sql.statement('locking/update_with_version', 0, {schema: 's', table: 't', id: 'id', column, touched}));
    expect(update(['a', 'b', 'c'], ['at'])).toBe(
      [
        'UPDATE "s"."t" AS edited',
        'SET',
        '    "a" = $3,',
        '    "b" = $4,',
        '    "c" = $5,',
        '    "at" = now(),',
        '    version = edited.version + 1',
        'WHERE edited."id" = $1 AND edited.version = $2',
        'RETURNING edited.*',
      ].join('\n'),
    );
    expect(update(['a'], [])).not.toContain('now()');
  });
});
