import {EventEmitter} from 'node:events';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {markedName, statementShape} from '../../src/core/statement-shape.ts';
import {type Measured, measureClient} from '../../src/service/measured-client.ts';
import {createQuerySums, spanColumns} from '../../src/service/query-sums.ts';

describe('the shape of a statement', () => {
  it('has no value, whatever the way in which it is written', () => {
    const text = `/* desk:feed/orders */ SELECT "a'b", t1.x AS "5" -- 'comment'
      FROM t WHERE a = 'it''s secret' AND b = E'sec\\'ret' AND c = $tag$secret$tag$ AND d IN (1, 2.5e3, 3, 4)
      AND e = $1 AND f = $$secret$$ AND g = B'101' AND h > .5 AND i1 = 'ünsecret`;
    expect(statementShape(text)).toBe(
      `SELECT "a'b", t1.x AS "5" FROM t WHERE a = ? AND b = ? AND c = ? AND d IN (?, …) AND e = $1 AND f = ? AND g = ? AND h > ? AND i1 = ?`,
    );
    expect(statementShape('VALUES ($1, $2, $3, $4, $5)')).toBe('VALUES (?, …)');
    expect([markedName(text), markedName('SELECT 1 /* later */'), markedName('/* two words */ SELECT 1')]).toEqual([
      'orders',
      undefined,
      undefined,
    ]);
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, more) => {
        const quoted = `SELECT x FROM t WHERE y = '${value.replaceAll("'", "''")}'`;
        return statementShape(quoted) === 'SELECT x FROM t WHERE y = ?' && statementShape(more).length <= 1000;
      }),
    );
    expect(statementShape(`SELECT ${"'x', ".repeat(100_000)}`).length).toBeLessThan(1001);
  });
});

describe('the queries of a service', () => {
  const query = (text: string, ms = 1): Measured => ({text, name: undefined, ms, failed: false});

  it('are summed up within bounds, the slow ones also one by one', () => {
    const sums = createQuerySums(100, () => 'T-1\0');
    for (let i = 0; i < 2000; i++) sums.add(query(`SELECT c${i}`, i < 300 ? 200 + i : 1));
    const span = sums.take();
    expect([span.sums.size, span.slowest.length]).toEqual([501, 100]);
    expect(span.slowest[0]?.ms).toBe(499);
    expect(span.slowest[0]?.id).toBe('T-1');
    expect(sums.total()).toMatchObject({queries: 2000, slow: 300});
    // What could not be written comes again, with what was added meanwhile.
    sums.add(query('SELECT c1', 3));
    sums.putBack(span);
    const again = sums.take();
    expect(again.sums.get('SELECT c1')).toMatchObject({queries: 2, worst: 201});
    expect([...again.sums.values()].reduce((n, sum) => n + sum.queries, 0)).toBe(2001);
    expect(sums.take().sums.size).toBe(0);
  });

  it('are written without values', () => {
    const sums = createQuerySums(100, () => undefined);
    sums.add(
      query(`UPDATE accounts SET note = 'secret note' WHERE id = 4711 AND ${'x = y AND '.repeat(20)} true`, 500),
    );
    const written = JSON.stringify(spanColumns(sums.take()));
    expect(written).toContain('UPDATE accounts SET note = ? WHERE id = ?');
    expect(written).not.toMatch(/secret|4711/);
  });

  it('stay the driver’s in every form: results, errors, callbacks and streams', async () => {
    const told: (Measured & {readonly ms: number})[] = [];
    const answers = {ok: {rows: [1]}, error: new Error('refused')};
    const seen: unknown[][] = [];
    const client = {
      query(this: unknown, ...args: unknown[]): unknown {
        seen.push([this, ...args]);
        const callback = args.find(arg => typeof arg === 'function') ?? (args[0] as {callback?: unknown})?.callback;
        if (args[0] === null) throw new TypeError('a null query');
        if (args[0] === stream) return stream;
        const text = typeof args[0] === 'string' ? args[0] : (args[0] as {text: string}).text;
        const error = text === 'bad' ? answers.error : undefined;
        if (typeof callback === 'function')
          return void setImmediate(() => callback(error, error ? undefined : answers.ok));
        return error ? Promise.reject(error) : Promise.resolve(answers.ok);
      },
    };
    const stream = Object.assign(new EventEmitter(), {text: 'stream', submit: () => {}});
    measureClient(client as never, measured => told.push(measured));
    const {query: ask} = client as unknown as {query: (...args: unknown[]) => Promise<unknown>};
    const bound = ask.bind(client);
    expect(await bound('good', [1])).toBe(answers.ok);
    await expect(bound({text: 'bad', name: 'prepared'})).rejects.toBe(answers.error);
    const called = (...args: unknown[]) =>
      new Promise(resolve => void bound(...args, (error: unknown, result: unknown) => resolve(error ?? result)));
    expect(await called('good')).toBe(answers.ok);
    expect(await called('bad', ['v'])).toBe(answers.error);
    const config: {text: string; callback?: unknown} = {text: 'config'};
    const got = new Promise(resolve => {
      config.callback = (_error: unknown, result: unknown) => resolve(result);
    });
    const own = config.callback;
    await bound(config);
    expect(await got).toBe(answers.ok);
    expect(config).toEqual({text: 'config', callback: own});
    expect(bound(stream)).toBe(stream);
    stream.emit('end');
    expect(() => bound(null)).toThrow('a null query');
    expect(seen.every(([self]) => self === client)).toBe(true);
    expect(told.map(({text, name, failed}) => [text, name, failed])).toEqual([
      ['good', undefined, false],
      ['bad', 'prepared', true],
      ['good', undefined, false],
      ['bad', undefined, true],
      ['config', undefined, false],
      ['stream', undefined, false],
    ]);
  });
});
