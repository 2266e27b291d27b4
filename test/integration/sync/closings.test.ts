import fc from 'fast-check';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {booksOf, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {clearBooks, closeBooks, closingModel, keepOpen, stoppable} from '../../helpers/desk/closings.ts';
import {life, lived} from '../../helpers/desk/lives.ts';
import {hearTrades, sweepAll} from '../../helpers/desk/settling.ts';
import {violations} from '../../helpers/desk/violations.ts';

let bench: Bench;
let gate: Gate;
let db: Pg;
let stopMoving: (stop: boolean) => Promise<unknown>;
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  gate = bench.gate(await bench.role(['tradetop_operator']));
  db = openPg(bench.config('postgres').trading, loadSql(), {name: 'closings test', max: 4, lockMs: 10_000});
  await keepOpen(db.pool, 0);
  stopMoving = await stoppable(db.pool);
});
afterAll(async () => {
  await db?.close();
  await bench?.close();
});
beforeEach(() => clearBooks(db.pool));

const hear = (...events: readonly TradeEvent[]) => hearTrades(db, ...events);
const settleRows = (...ids: readonly string[]) => applyIsolated(db, batchOf([], ids));
/** What the repair, the sweeps and the operator do in the end. */
async function catchUp() {
  await sweepAll(db);
  await retryQuarantine(runnerOf(db));
}
const rebuild = () => rebuildAnalytics(runnerOf(db));
const CHECKS = ['data_ledger_trades', 'data_reckoning', 'data_analytics', 'data_trades_synced'];

const WAITING = `SELECT count(*)::int AS n FROM analytics.sync_ledger
  WHERE executed_at < (SELECT max(closed_before) FROM analytics.book_closings)`;

/** Rejects what waits in quarantine and keeps the books from being closed. */
const decide = (before: string) =>
  db.pool.query(
    `UPDATE analytics.sync_quarantine AS q SET resolved_at = now(), resolution = 'rejected'
      WHERE resolved_at IS NULL AND ((event->>'executedAt')::numeric < extract(epoch FROM $1::timestamptz) * 1000000
         OR event->>'key' IN (SELECT trade_id FROM execution.trades WHERE executed_at < $1::timestamptz))`,
    [before],
  );

/** `moved`: how many trades are moved before moving breaks off; undefined: it does not. */
const closing = fc.record({
  rank: fc.integer({min: 300, max: 2500}),
  moved: fc.option(fc.nat(5), {nil: undefined, freq: 2}),
});
/** Closings in the order of their months; one may come twice, or too late. */
const closings = fc
  .record({
    months: fc.subarray(['2026-06', '2026-06', '2026-08', '2026-09', '2026-10', '2026-11'], {
      minLength: 2,
      maxLength: 4,
    }),
    times: fc.array(closing, {minLength: 4, maxLength: 4}),
    isMixed: fc.integer({min: 0, max: 9}).map(n => n === 0),
  })
  .map(({months, times, isMixed}) => {
    const inOrder = isMixed ? times : times.toSorted((a, b) => a.rank - b.rank);
    return months.map((month, i) => ({...(inOrder[i] as (typeof times)[number]), month}));
  });

const at = (iso: string, micros = 0): number => Date.parse(iso) * 1000 + micros;
/** About the ends of months, with ties. */
const executedAt = fc.constantFrom(
  at('2026-05-20T12:00:00Z'),
  at('2026-06-01T00:00:00Z', -1),
  at('2026-06-01T00:00:00Z'),
  at('2026-07-15T12:00:00Z'),
  at('2026-09-01T00:00:00Z', -1),
  at('2026-09-01T00:00:00Z'),
  at('2026-10-20T12:00:00Z'),
  at('2026-10-25T01:00:00Z', -1),
  at('2026-11-01T06:00:00Z'),
);
/** Most trades have a row at last, or else the books could hardly ever be closed. */
const booked = fc
  .record({spec: life, executedAt, isRowless: fc.integer({min: 0, max: 19}).map(n => n === 0)})
  .map(({spec, executedAt, isRowless}) => {
    const is = isRowless || spec.row.is !== 'none' ? spec.row.is : 'plain';
    return {...spec, executedAt, row: {...spec.row, is}, ranks: spec.ranks.map((r, i) => (i === 0 ? r / 3 : r))};
  });

test('with closings between, the books are those of one pass over what was booked in time', async () => {
  let closed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(booked, {minLength: 12, maxLength: 22}), closings, async (specs, closings) => {
      await clearBooks(db.pool);
      const lives = specs.map((spec, i) => lived(spec, i, {pool: db.pool, hear, settle: settleRows}));
      const model = closingModel(lives);
      let last = '';
      let archived = true;
      const close = async (month: string, moved: number | undefined) => {
        const before = `${month}-01T00:00:00Z`;
        await catchUp();
        const rowless = month > last ? model.rowless(Date.parse(before) * 1000) : 0;
        if (rowless === 0) await decide(before);
        await stopMoving(moved !== undefined);
        const {outcome, refused, summary} = await closeBooks(gate, month);
        await stopMoving(false);
        if (month < last || rowless > 0) return expect([outcome, refused, summary]).toEqual(['failed', true, summary]);
        const waiting = (await db.pool.query(WAITING)).rows[0].n > 0;
        expect([outcome, refused, summary]).toEqual([waiting ? 'failed' : 'done', undefined, summary]);
        if (waiting && moved) await db.query('actions/move_closed', [moved, null]);
        archived = !waiting;
        if (month > last) model.close(Date.parse(before) * 1000);
        last = month;
        closed++;
      };
      const steps = [
        ...lives.flatMap(({ops}, i) =>
          ops.map(({rank, kind, run}) => ({
            rank,
            run: async () => {
              if (!model.may(i, kind, archived)) return;
              await run();
              model.did(i, kind);
            },
          })),
        ),
        ...closings.map(({rank, month, moved}) => ({rank, run: () => close(month, moved)})),
      ];
      for (const {run} of steps.toSorted((a, b) => a.rank - b.rank)) await run();
      await catchUp();
      const books = modelBooks(modelEntries(model.truths()));
      expect(await booksOf(db.pool)).toEqual(books);
      expect(await rebuild()).toMatchObject({recovered: 0, restated: 0, differences: [], errors: []});
      expect(await booksOf(db.pool)).toEqual(books);
      expect(await violations(db, CHECKS)).toEqual([]);
    }),
    {numRuns: 4, seed: 20_261_126},
  );
  // The lives above were closed often enough to mean something.
  expect(closed).toBeGreaterThan(6);
}, 240_000);
