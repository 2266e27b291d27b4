import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {loadSql} from '../../src/io/sql.ts';
import {MOST_VIOLATIONS} from '../../src/verify/check.ts';
import {readChecks} from '../../src/verify/read-checks.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, {recursive: true, force: true});
});

/** Reads checks from files of these heads. */
function checksOf(heads: Readonly<Record<string, string>>) {
  const dir = mkdtempSync(join(tmpdir(), 'tradetop-checks-'));
  dirs.push(dir);
  mkdirSync(join(dir, 'verify'));
  for (const [id, head] of Object.entries(heads)) {
    writeFileSync(join(dir, 'verify', `${id}.sql`), `${head}\nSELECT 1 AS object;\n`);
  }
  return readChecks(loadSql(dir));
}

const head = (order = '10', rest = '') => `-- All is well.
-- order: ${order}
-- severity: warn
-- every: minute
-- why: It matters: much.
-- remedy: Run this,
--   then that.
-- rights: none${rest}`;

describe('a check', () => {
  test('gives one row more than are kept, or has no limit', () => {
    const sql = loadSql();
    for (const {id} of readChecks(sql)) {
      const [, limit] = /LIMIT (\d+)\s*\)?[^()]*$/.exec(sql.statement(`verify/${id}`)) ?? [];
      if (limit !== undefined && limit !== '1') expect(Number(limit), id).toBe(MOST_VIOLATIONS + 1);
    }
  });

  test('is read from the head comment of its file; the group is its id’s first word', () => {
    expect(checksOf({data_x: head('10', '\n--\n-- severity: a note, not a field')})).toEqual([
      {
        id: 'data_x',
        title: 'All is well',
        group: 'data',
        severity: 'warn',
        everySeconds: 60,
        why: 'It matters: much.',
        remedy: 'Run this, then that.',
        rights: 'none',
        windowed: false,
      },
    ]);
  });

  test('runs in its group’s turn, by its order, then by its id', () => {
    const checks = checksOf({
      health_a: head('1'),
      data_b: head('20'),
      data_c: head('3'),
      data_a: head('20'),
      setup_z: head('9'),
    });
    expect(checks.map(c => c.id)).toEqual(['setup_z', 'data_c', 'data_a', 'data_b', 'health_a']);
  });

  test.each([
    ['no head', 'data_x', '', /not a sentence/],
    ['a title that is no sentence', 'data_x', head().replace('well.', 'well'), /not a sentence/],
    ['a missing field', 'data_x', head().replace(/-- why.*\n/, ''), /why/],
    ['a field twice', 'data_x', `${head()}\n-- rights: all`, /rights occurs twice/],
    ['an unknown field', 'data_x', `${head()}\n-- owner: nobody`, /owner/],
    ['another severity', 'data_x', head().replace('warn', 'info'), /severity/],
    ['another rhythm', 'data_x', head().replace('every: minute', 'every: hour'), /every/],
    ['an order that is no number', 'data_x', head('first'), /order/],
    ['a line that is neither', 'data_x', `${head()}\n-- and more`, /cannot read "and more"/],
    ['an unknown group', 'disk_x', head(), /group/],
  ])('with %s is refused with its file’s name', (_, id, text, why) => {
    const reading = () => checksOf({[id]: text});
    expect(reading).toThrow(`sql/verify/${id}.sql: malformed head comment`);
    expect(reading).toThrow(why);
  });
});
