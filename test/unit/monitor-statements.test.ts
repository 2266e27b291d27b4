import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {statementRows} from '../../src/monitor/statements.ts';
import {
  type Counters,
  foldStatements,
  type StatementsFacts,
  type StatementsMemory,
} from '../../src/monitor/statements-fold.ts';
import {countersOf} from '../../src/monitor/statements-parts.ts';
import {MOST_TEXTS, remember, textsOf} from '../../src/monitor/statements-texts.ts';

const facts = (seconds: number, more: Partial<StatementsFacts> = {}): StatementsFacts => ({
  variant: 11,
  clock: seconds * 1e6,
  startedAt: 1,
  standby: false,
  statsReset: 1,
  dealloc: 0,
  complete: true,
  ...more,
});
const entry = (queryid: string, calls: number, totalMs: number, more: Partial<Counters> = {}): Counters => ({
  key: `10/5/${queryid}/t`,
  queryid,
  toplevel: true,
  calls,
  totalMs,
  maxMs: totalMs,
  rows: calls * 3,
  hit: calls * 2,
  read: 0,
  since: undefined,
  ...more,
});
const first = (entries: readonly Counters[], more: Partial<StatementsFacts> = {}): StatementsMemory =>
  foldStatements(undefined, facts(0, more), entries).memory;
const parts = (delta: ReturnType<typeof foldStatements>) =>
  delta.changes.map(c => [c.now.queryid, c.calls, c.totalMs] as const);

describe('the deltas of pg_stat_statements', () => {
  it('are empty after the first reading', () => {
    const delta = foldStatements(undefined, facts(0), [entry('1', 5, 50)]);
    expect([delta.intervalSeconds, delta.changes]).toEqual([undefined, []]);
  });

  it('count the calls of the interval, the entry that took most time first', () => {
    const before = first([entry('1', 5, 50), entry('2', 7, 10), entry('3', 1, 1)]);
    const delta = foldStatements(before, facts(2), [entry('1', 6, 60), entry('2', 17, 40), entry('3', 1, 1)]);
    expect(parts(delta)).toEqual([
      ['2', 10, 30],
      ['1', 1, 10],
    ]);
    expect(delta.intervalSeconds).toBe(2);
  });

  it('count a new entry with its whole counters', () => {
    expect(parts(foldStatements(first([]), facts(2), [entry('1', 4, 44)]))).toEqual([['1', 4, 44]]);
  });

  it('do not treat an entry as new that may have been beyond the limit before', () => {
    expect(parts(foldStatements(first([], {complete: false}), facts(2), [entry('1', 9000, 1e6)]))).toEqual([]);
  });

  it('count an entry that was evicted and came back with its counters since then', () => {
    expect(parts(foldStatements(first([entry('1', 500, 9000)]), facts(2), [entry('1', 3, 30)]))).toEqual([
      ['1', 3, 30],
    ]);
  });

  it('use the entry’s own start where the extension has it', () => {
    const before = first([entry('1', 5, 50, {since: 'monday'})]);
    const after = [entry('1', 8, 80, {since: 'tuesday'})];
    expect(parts(foldStatements(before, facts(2), after))).toEqual([['1', 8, 80]]);
  });

  it('add up entries to which an old extension gives the same key', () => {
    const before = first([entry('1', 5, 50), entry('1', 2, 4)]);
    expect(parts(foldStatements(before, facts(2), [entry('1', 3, 6), entry('1', 5, 50)]))).toEqual([['1', 1, 2]]);
  });

  it('count everything from zero after a reset', () => {
    const before = first([entry('1', 5, 50), entry('2', 9, 90)]);
    const after = [entry('1', 6, 60), entry('2', 1, 10)];
    expect(parts(foldStatements(before, facts(2, {statsReset: 2}), after))).toEqual([
      ['1', 6, 60],
      ['2', 1, 10],
    ]);
  });

  it('drop the baseline after a restart, a fail-over or an update of the extension', () => {
    const before = first([entry('1', 5, 50)]);
    for (const other of [{startedAt: 2}, {standby: true}, {variant: 12}]) {
      const delta = foldStatements(before, facts(2, other), [entry('1', 6000, 60_000)]);
      expect([delta.intervalSeconds, delta.changes]).toEqual([undefined, []]);
      const next = foldStatements(delta.memory, facts(4, other), [entry('1', 6001, 60_010)]);
      expect(parts(next)).toEqual([['1', 1, 10]]);
    }
  });

  it('are empty when the server’s clock stands still or goes back', () => {
    const before = first([entry('1', 5, 50)]);
    expect(foldStatements(before, facts(0), [entry('1', 6, 60)]).intervalSeconds).toBeUndefined();
    expect(foldStatements(before, facts(-3), [entry('1', 6, 60)]).changes).toEqual([]);
  });

  const counters = fc
    .record({
      queryid: fc.constantFrom('1', '2', '3', '4'),
      toplevel: fc.boolean(),
      calls: fc.nat(1e6),
      totalMs: fc.double({min: 0, max: 1e9, noNaN: true}),
      rows: fc.nat(1e6),
      hit: fc.nat(1e6),
      read: fc.nat(1e6),
      since: fc.constantFrom(undefined, 'a', 'b'),
    })
    .map(c => ({...c, maxMs: c.totalMs, key: `10/5/${c.queryid}/${c.toplevel}`}));
  const reading = fc.record({
    facts: fc.record({
      variant: fc.constantFrom(8, 11),
      clock: fc.nat(1e9),
      startedAt: fc.constantFrom(1, 2),
      standby: fc.boolean(),
      statsReset: fc.constantFrom(1, 2),
      dealloc: fc.nat(5),
      complete: fc.boolean(),
    }),
    entries: fc.uniqueArray(counters, {selector: c => c.key}),
  });

  it('are never negative, never more than the entry has, and never without a call, whatever the server says', () => {
    fc.assert(
      fc.property(fc.array(reading, {maxLength: 6}), readings => {
        let memory: StatementsMemory | undefined;
        for (const {facts: told, entries} of readings) {
          const delta = foldStatements(memory, told, entries);
          memory = delta.memory;
          const spans = delta.intervalSeconds;
          if (spans !== undefined) expect(spans).toBeGreaterThan(0);
          for (const {now, ...change} of delta.changes) {
            expect(change.calls).toBeGreaterThan(0);
            for (const name of ['calls', 'totalMs', 'rows', 'hit', 'read'] as const) {
              expect(change[name]).toBeGreaterThanOrEqual(0);
              expect(change[name]).toBeLessThanOrEqual(now[name]);
            }
          }
          for (const row of statementRows(delta, new Map())) {
            expect(row.percent).toBeGreaterThanOrEqual(0);
            expect(row.percent).toBeLessThanOrEqual(100);
            expect(Number.isFinite(row.callsPerSecond) && Number.isFinite(row.meanMs)).toBe(true);
          }
        }
      }),
      {numRuns: 300},
    );
  });

  it('add up to the counters, as long as nothing restarts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), {minLength: 1, maxLength: 20}), steps => {
        let [calls, sum, clock] = [0, 0, 0];
        let memory = first([]);
        for (const step of steps) {
          calls += step;
          const delta = foldStatements(memory, facts(++clock), [entry('1', calls, calls)]);
          memory = delta.memory;
          sum += delta.changes.reduce((n, c) => n + c.calls, 0);
        }
        expect(sum).toBe(calls);
      }),
    );
  });
});

const textRow = (queryid: string, query: string | null, role = 'svc_analytics') => ({
  userid: 10,
  dbid: 5,
  queryid,
  toplevel: true,
  query,
  query_hex: null,
  role,
  database: 'trading_system',
});

describe('the rows of the slow queries', () => {
  it('give rates by the server’s clock, shares of the top-level time, and the service', () => {
    const nested = entry('3', 10, 28, {toplevel: false, key: '10/5/3/f'});
    const before = first([]);
    const delta = foldStatements(before, facts(4), [entry('1', 2, 30), entry('2', 8, 10, {hit: 3, read: 1}), nested]);
    const rows = statementRows(delta, textsOf([textRow('1', 'SELECT $1\n  FROM x'), textRow('2', 'b', 'postgres')]));
    expect(rows).toMatchObject([
      {service: 'analytics', query: 'SELECT $1 FROM x', calls: 2, callsPerSecond: 0.5, meanMs: 15, percent: 75},
      {key: '10/5/3/f', query: '(text of query 3 not read yet)', percent: 70},
      {service: 'postgres', database: 'trading_system', percent: 25, hitPercent: 75, rowsPerCall: 3},
    ]);
  });

  it('leave out our own readings, before PostgreSQL 18 and from it on, but not the desk’s work through tradetop', () => {
    const queries = [
      '/* tradetop:monitor/server */ WITH x AS (SELECT $1) SELECT',
      'SELECT /* tradetop:pg/session */ set_config($1, $2, $3)',
      'WITH /* tradetop:verify/any */ x AS',
      'INSERT /* tradetop:sync/trade */ INTO y',
      '/* tradetop:sync/trade */ INSERT INTO y',
      'SELECT $1 /* tradetop:monitor/x in a string */',
    ];
    const entries = queries.map((_, i) => entry(String(i), 1, 10 - i));
    const delta = foldStatements(first([]), facts(1), entries);
    const rows = statementRows(delta, textsOf(queries.map((query, i) => textRow(String(i), query))));
    expect(rows.map(r => r.query)).toEqual(queries.slice(3));
    expect(rows.reduce((sum, r) => sum + r.percent, 0)).toBeCloseTo(100);
  });

  it('leave out what may be our own reading until its text is known', () => {
    const delta = foldStatements(first([]), facts(1), [entry('1', 1, 30), entry('2', 1, 10, {key: '11/5/2/t'})]);
    expect(statementRows(delta, new Map(), 10).map(r => [r.key, r.percent])).toEqual([['11/5/2/t', 100]]);
    expect(statementRows(delta, textsOf([textRow('1', 'SELECT')]), 10).map(r => r.percent)).toEqual([75, 25]);
  });

  it('make texts safe to show', () => {
    const delta = foldStatements(first([]), facts(1), [entry('1', 1, 1)]);
    const [row] = statementRows(delta, textsOf([textRow('1', 'SELECT \u001b]52;c;eA==\u0007 1', 'svc_a\u202eb')]));
    expect(row?.query).toBe('SELECT ␛]52;c;eA==␇ 1');
    expect(row?.service).toBe('ab');
  });

  it('remember a bounded number of texts, the last used for longest', () => {
    const change = (id: number) => ({
      now: entry(String(id), 1, 1),
      calls: 1,
      totalMs: 1,
      rows: 1,
      hit: 1,
      read: 0,
    });
    const many = textsOf(Array.from({length: MOST_TEXTS}, (_, i) => textRow(String(i), `q${i}`)));
    const kept = remember(many, textsOf([textRow('new', 'new')]), [change(0)]);
    expect(kept.size).toBe(MOST_TEXTS);
    expect(kept.has('10/5/0/t')).toBe(true);
    expect(kept.has('10/5/1/t')).toBe(false);
    expect(kept.get('10/5/new/t')?.query).toBe('new');
  });

  it('have the keys of pg_stat_statements', () => {
    const raw = {
      userid: 10,
      dbid: 5,
      queryid: '-9007199254740993',
      toplevel: false,
      calls: 1,
      total_ms: 2.5,
      since: null,
    };
    expect(countersOf([raw])[0]).toMatchObject({key: '10/5/-9007199254740993/f', toplevel: false, since: undefined});
  });
});
