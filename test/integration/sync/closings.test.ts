import fc from 'fast-check';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {fillTrades, settleDiffering, settleRowless} from '../../../src/sync/fill.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {syncEventOf} from '../../../src/sync/sync-event.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {booksOf, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {clearBooks, closeBooks, followClosings, keepOpen, stoppable} from '../../helpers/desk/closings.ts';
import {tradeEvent} from '../../helpers/desk/desk-trades.ts';
import {life, lived} from '../../helpers/desk/lives.ts';
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

const hear = (...events: readonly TradeEvent[]) =>
  applyIsolated(db, batchOf(events.map(e => syncEventOf(tradeEvent(e)))));
const settleRows = (...ids: readonly string[]) => applyIsolated(db, batchOf([], ids));
/** What the repair, the sweeps and the operator do in the end. */
async function catchUp() {
  await fillTrades(db, {since: null, until: null});
  await settleDiffering(db, null);
  await settleRowless(db, '2000-01-01');
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
  rank: fc.nat(3000),
  month: fc.constantFrom('2026-03', '2026-04', '2026-10', '2026-11'),
  moved: fc.option(fc.nat(5), {nil: undefined, freq: 2}),
});

test('with closings between, the books are those of one pass over what was booked in time', async () => {
  let closed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, {minLength: 1, maxLength: 25}),
      fc.array(closing, {minLength: 1, maxLength: 4}),
      async (specs, closings) => {
        await clearBooks(db.pool);
        const lives = specs.map((spec, i) => lived(spec, i, {pool: db.pool, hear, settle: settleRows}));
        const model = followClosings(lives);
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
          if (month < last || rowless > 0)
            return expect([outcome, refused, summary]).toEqual(['failed', true, summary]);
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
      },
    ),
    {numRuns: 30, seed: 20_261_126},
  );
  // The lives above were closed often enough to mean something.
  expect(closed).toBeGreaterThan(20);
}, 240_000);
