import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Io, Raw} from '../../src/io/io.ts';
import {systemClock} from '../../src/monitor/clock.ts';
import type {Extension} from '../../src/monitor/statements-extension.ts';
import {createEntries} from '../../src/monitor/statements-parts.ts';

const extension: Extension = {variant: 11, names: {schema: 'public'}, role: 'r', roleOid: 10};

/** A server that has entries, and answers as sql/monitor/statements.sql does: in so many milliseconds, or not. */
function server(takesMs: (rows: number) => number = () => 1) {
  const calls = new Map<string, number>();
  const answers: number[] = [];
  let clockMs = 0;
  const digest = (queryid: string): number =>
    Number(BigInt.asIntN(32, BigInt(queryid) * 31n + BigInt(calls.get(queryid) ?? 0) * 2_654_435_761n));
  const row = (queryid: string, bucket: number): Raw => {
    const figures = {calls: calls.get(queryid) ?? 0, total_ms: 1, max_ms: 1, rows: 1, hit: 1, read: 1, since: null};
    return {bucket, digest: digest(queryid), userid: 10, dbid: 5, queryid, toplevel: true, ...figures};
  };
  const query: Io['query'] = async (_, [sums] = [], options = {}) => {
    const known = sums as readonly (number | null)[];
    const has = known.map((): string[] => []);
    for (const id of calls.keys()) has[Number(BigInt(id) & BigInt(known.length - 1))]?.push(id);
    const rows = has.flatMap((ids, bucket) => {
      const sum = known[bucket];
      if (sum === null || sum === ids.reduce((all, id) => all + digest(id), 0)) return [];
      return ids.length === 0 ? [{bucket, userid: null, queryid: null}] : ids.map(id => row(id, bucket));
    });
    const ms = takesMs(rows.length);
    clockMs += Math.min(ms, 5000);
    if (ms > 5000) throw new Error('Query read timeout');
    options.timed?.(ms);
    answers.push(rows.length);
    return rows;
  };
  const read = createEntries();
  return {
    calls,
    answers,
    read: () => read({pgVersion: () => 18, query}, extension, {...systemClock, ticks: () => clockMs}),
    /** What the server has. */
    all: () => [...calls].sort(),
  };
}

const held = (reading: Awaited<ReturnType<ReturnType<typeof server>['read']>>) =>
  reading?.entries.map(({queryid, calls}) => [queryid, calls] as const).toSorted();
const ids = (count: number): readonly string[] =>
  Array.from({length: count}, (_, i) => String(BigInt.asIntN(64, BigInt(i + 1) * 0x9e37_79b9_7f4a_7c15n)));

describe('the entries of pg_stat_statements', () => {
  it('are those of the server, whatever happens to them between the readings', async () => {
    const queryid = fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n}).map(String);
    const step = fc.array(fc.tuple(queryid, fc.nat(3)), {maxLength: 30});
    await fc.assert(
      fc.asyncProperty(fc.array(step, {minLength: 1, maxLength: 6}), async steps => {
        const {calls, read, all} = server();
        for (const changes of steps) {
          // One of an earlier step is called again or leaves, and others come.
          for (const id of [...calls.keys()].slice(0, 5)) calls.set(id, (calls.get(id) ?? 0) + 1);
          for (const [id, count] of changes) count === 0 ? calls.delete(id) : calls.set(id, count);
          for (const id of [...calls.keys()].slice(7, 9)) calls.delete(id);
          expect(held(await read())).toEqual(all());
        }
      }),
      {numRuns: 20},
    );
  });

  it('come at once from near, and then only where they have changed', async () => {
    const {calls, read, all, answers} = server();
    const known = ids(5000);
    for (const id of known) calls.set(id, 1);
    expect(held(await read())).toEqual(all());
    expect(answers).toHaveLength(2);
    answers.splice(0);
    for (const id of known.slice(0, 20)) calls.set(id, 2);
    expect(held(await read())).toEqual(all());
    expect(answers).toHaveLength(1);
    expect(answers[0]).toBeLessThan(400);
  });

  it('come in parts from far away, in as many readings as it takes', async () => {
    const {calls, read, all, answers} = server(rows => 300 + rows);
    for (const id of ids(9000)) calls.set(id, 1);
    const readings: (ReturnType<typeof held> | undefined)[] = [];
    while (readings.at(-1) === undefined && readings.length < 20) readings.push(held(await read()));
    expect(readings.length).toBeGreaterThan(2);
    expect(readings.at(-1)).toEqual(all());
    expect(Math.max(...answers)).toBeLessThan(1600);
  });

  it('come in smaller parts where an answer was too long for the line, and none twice', async () => {
    // Nothing but small answers comes through.
    const {calls, read, all, answers} = server(rows => (rows > 700 ? 9000 : 300));
    for (const id of ids(6000)) calls.set(id, 1);
    let [reading, failures]: [ReturnType<typeof held> | undefined, number] = [undefined, 0];
    for (let i = 0; i < 30 && reading === undefined; i++) {
      reading = await read().then(held, () => void failures++);
    }
    expect(failures).toBeGreaterThan(0);
    expect(reading).toEqual(all());
    expect(answers.reduce((sum, rows) => sum + rows)).toBe(6000);
  });
});
