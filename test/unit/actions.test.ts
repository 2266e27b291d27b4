import fc from 'fast-check';
import pg from 'pg';
import {describe, expect, it} from 'vitest';
import {marketWords} from '../../src/actions/facts.ts';
import {thisOperator} from '../../src/actions/operator.ts';
import {progressOf} from '../../src/actions/progress.ts';
import {shown} from '../../src/actions/statements.ts';
import type {JobResult} from '../../src/actions/table-job.ts';
import {summarise} from '../../src/actions/table-result.ts';
import {lockName, parseName, targetName} from '../../src/actions/target.ts';
import {ago, sessionWords} from '../../src/actions/words.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {parseMicros} from '../../src/core/time.ts';
import {loadSql} from '../../src/io/sql.ts';

describe('the market', () => {
  it('is told with every plan: open for how long, closed, or not known', () => {
    const at = parseMicros('2026-11-24T15:00:00Z') ?? 0;
    const sessions = (from: string) => JSON.stringify({timezone: 'UTC', sessions: {tue: from}});
    expect(marketWords(sessions('14:00-16:00'), at)).toBe('market open for 1h');
    expect(marketWords(sessions('16:00-17:00'), at)).toBe('market closed');
    expect(marketWords(null, at)).toBe('market.sessions is not set');
    expect(marketWords('{"sessions": 1}', at)).toMatch(/^market\.sessions is wrong: /);
  });
});

describe('names of targets', () => {
  it('are quoted only where SQL would read them differently', () => {
    expect(targetName({kind: 'table', schema: 'execution', name: 'trades'}, 'db')).toBe('execution.trades');
    expect(targetName({kind: 'table', schema: 'a.b', name: 'Weird "Name"'}, 'db')).toBe('"a.b"."Weird ""Name"""');
    expect(targetName({kind: 'database'}, 'My DB')).toBe('"My DB"');
  });

  it('can be read back, whatever they hold', () => {
    const name = fc.string({minLength: 1, unit: 'binary'}).filter(n => !n.includes('\0') && n.trim() !== '');
    fc.assert(
      fc.property(name, name, (schema, table) => {
        const parts = parseName(`${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`);
        expect(parts?.map(p => p.name)).toEqual([schema, table]);
      }),
    );
  });

  it('are refused when they are not one or two names', () => {
    for (const text of ['', '.', 'a.', '.a', 'a.b.c', 'a b', '"a', 'a"b"', '""', 'a..b']) {
      expect(parseName(text), text).toBeUndefined();
    }
  });

  it('make locks that differ for different targets only', () => {
    const lock = (schema: string, name: string): string => lockName('analyze', {kind: 'table', schema, name}, 'db');
    expect(lock('a', 'b')).toBe(lock('a', 'b'));
    expect(lock('a.b', 'c')).not.toBe(lock('a', 'b.c'));
    expect(lockName('analyze', {kind: 'schema', schema: 'a'}, 'db')).not.toBe(
      lockName('vacuum-analyze', {kind: 'schema', schema: 'a'}, 'db'),
    );
  });

  it('are put into statements unchanged', () => {
    const sql = loadSql();
    const odd = {schema: '$&:"table"$1', table: 't'};
    expect(shown(sql.statement('actions/vacuum_analyze', 18, odd))).toBe(
      `VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) "$&:""table""$1"."t"`,
    );
    const plain = {schema: 's', table: 'p'};
    expect(shown(sql.statement('actions/analyze_parent', 17, plain))).toBe('ANALYZE (VERBOSE) "s"."p"');
    expect(shown(sql.statement('actions/analyze_parent', 18, plain))).toBe('ANALYZE (VERBOSE) ONLY "s"."p"');
  });
});

describe('words', () => {
  it('give an age as every pane does', () => {
    const now = parseMicros('2026-11-22 12:00:00+00') as number;
    const ages = ['12:00:01+00', '11:59:59.3+00', '11:57:50+00', '07:55:00+00'].map(at => ago(`2026-11-22 ${at}`, now));
    expect(ages).toEqual(['0s ago', '0s ago', '2m10s ago', '4h5m ago']);
    expect([ago('2026-11-20 11:00:00.5+00', now), ago(null, now)]).toEqual(['2d ago', 'never']);
  });

  it('name a session with what is known of it, without terminal escapes', () => {
    expect(sessionWords({pid: 7, username: 'svc', application: 'x\u001b[2J', seconds: 8})).toBe(
      'pid 7 (svc, x␛[2J) for 8s',
    );
    expect(sessionWords({pid: 7, username: null, application: '', seconds: null})).toBe('pid 7');
  });
});

describe('progress', () => {
  const place = {step: 1, steps: 2, current: sanitise('a.b')};

  it('has a percentage only where the server counts', () => {
    const row = {state: 'active', wait_event_type: null, phase: 'scanning heap', done: '43', total: '100'};
    expect(progressOf(row, place, [])).toMatchObject({phase: 'scanning heap', percent: 43});
    expect(progressOf({...row, total: '0'}, place, []).percent).toBeUndefined();
    expect(progressOf({...row, done: '120'}, place, []).percent).toBe(100);
    expect(progressOf({state: 'active', phase: null}, place, [])).toMatchObject({phase: 'working', percent: undefined});
    expect(progressOf(row, place, [sanitise('pid 1')])).toMatchObject({phase: 'waiting for a lock'});
  });
});

describe('the outcome of several tables', () => {
  const result = (name: string, status: JobResult['status'], more: Partial<JobResult> = {}): JobResult => ({
    name: sanitise(name),
    status,
    reason: '',
    removed: undefined,
    dead: 0,
    ...more,
  });
  const vacuumed = (name: string, removed: number, dead: number): JobResult => result(name, 'done', {removed, dead});

  it.each([
    [['done', 'done'], 'done'],
    [['done', 'skipped'], 'partial'],
    [['held'], 'partial'],
    [['half', 'done'], 'partial'],
    [['skipped', 'skipped'], 'skipped'],
    [['skipped', 'failed'], 'failed'],
    [['done', 'cancelled'], 'cancelled'],
    [['done', 'lost'], 'failed'],
  ] as const)('%j is %s', (statuses, outcome) => {
    expect(
      summarise(
        statuses.map((s, i) => result(`t${i}`, s)),
        statuses.length,
      ).outcome,
    ).toBe(outcome);
  });

  it('sums the removed rows, and names the tables that were not done', () => {
    const results = [
      vacuumed('a.x', 10, 12),
      vacuumed('a.y', 1000, 1000),
      result('a.z', 'skipped', {reason: 'no right'}),
    ];
    expect(summarise(results, 4)).toEqual({
      outcome: 'partial',
      rows: 1010,
      summary: '2 of 4 tables done; 1,010 of 1,012 dead rows removed; a.z skipped (no right).',
    });
    const many = Array.from({length: 8}, (_, i) => result(`t${i}`, 'skipped', {reason: 'no right'}));
    expect(summarise(many, 8).summary).toMatch(/^0 of 8 tables done; t0 skipped .+; and 3 more not done\.$/);
  });

  it('says what became of a single table', () => {
    expect(summarise([vacuumed('t', 5, 5)], 1).summary).toBe('t: 5 of 5 dead rows removed, statistics updated.');
    expect(summarise([vacuumed('t', 0, 0)], 1).summary).toBe('t: no dead rows, statistics updated.');
    expect(summarise([result('t', 'done')], 1)).toMatchObject({summary: 't: statistics updated.', rows: undefined});
  });
});

describe('the operator', () => {
  it('is the user behind sudo and SSH', () => {
    const plain = thisOperator({});
    expect(thisOperator({SUDO_USER: 'alice'}).osUser).toBe(`alice as ${plain.osUser}`);
    expect(thisOperator({SSH_CONNECTION: '10.1.2.3 50000 10.9.9.9 22'}).client).toBe(`ssh 10.1.2.3 to ${plain.client}`);
  });
});
