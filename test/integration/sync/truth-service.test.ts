import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {durable} from '../../../src/bus/streams.ts';
import {settleDiffering} from '../../../src/sync/fill.ts';
import {rebuildAnalytics} from '../../../src/sync/rebuild.ts';
import {retryQuarantine} from '../../../src/sync/retry.ts';
import {runnerOf} from '../../../src/sync/session.ts';
import {booksOf, modelBooks, modelEntries} from '../../helpers/desk/books-model.ts';
import {type Life, life, lived, statedMessage} from '../../helpers/desk/lives.ts';
import type {SyncChild} from '../../helpers/desk/sync-child.ts';
import {rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest();
const TRADES = 1200;
/** One worker is killed whenever so many operations are done. */
const KILL_EVERY = 500;

/** Pub/Sub loses what is published while no worker hears: what no row states cannot count for certain. */
const rowHasAll = ({row, event, ...rest}: Life): Life => ({
  ...rest,
  row: {...row, is: row.is === 'none' ? 'plain' : row.is},
  event: {...event, statesSide: false, figures: {totalValue: undefined, realizedPnl: undefined, winRate: undefined}},
});

// Late, repeated and contradicted events, rows without events and events without rows, corrections, ties, midnight and the
// changes of clocks, with figures of their own and without.
test.each([
  ['pubsub', 1],
  ['streams', 1],
  ['streams', 3],
] as const)('by %s with %i workers that are killed, the books are those of one pass', async (mode, workers) => {
  const publisher = durable(rig.bus);
  const hear = (event: TradeEvent): Promise<unknown> => publisher.publish('data_sync:trades', statedMessage(event));
  const spawn = (n: number): SyncChild => rig.spawn(['--worker', `w${n}`, '--mode', mode]);
  const children = Array.from({length: workers}, (_, n) => spawn(n));
  const beating = async (): Promise<boolean> => {
    const {rows} = await rig.pool.query(
      `SELECT count(*)::int AS n FROM analytics.sync_workers WHERE heartbeat_at > now() - interval '5 s'`,
    );
    return rows[0].n === workers;
  };
  await waitFor('the workers to beat', beating, SYNC_MS);
  const sampled = fc.sample(life, {numRuns: TRADES, seed: 112_026 + workers});
  const specs = mode === 'streams' ? sampled : sampled.map(rowHasAll);
  const lives = specs.map((spec, i) => lived(spec, i, {pool: rig.pool, hear}));
  const ops = lives.flatMap(({ops}) => ops).toSorted((a, b) => a.rank - b.rank);
  for (const [i, {run}] of ops.entries()) {
    await run();
    if (i % KILL_EVERY !== KILL_EVERY - 1) continue;
    const n = Math.floor(i / KILL_EVERY) % workers;
    children[n]?.kill('SIGKILL');
    await children[n]?.ended;
    children[n] = spawn(n);
  }
  // A row's correction is found by a sweep, and an event that contradicted an earlier one agrees now with its row.
  const db = rig.open({name: 'truth', max: 2, statementMs: 60_000});
  const books = modelBooks(modelEntries(lives.map(({truth}) => truth)));
  const settled = async (): Promise<true> => {
    await settleDiffering(db, null);
    await retryQuarantine(runnerOf(db));
    expect(await booksOf(rig.pool)).toEqual(books);
    return true;
  };
  await waitFor('the books to be those of the model', settled, 2 * SYNC_MS);
  expect(await rebuildAnalytics(runnerOf(db))).toMatchObject({recovered: 0, restated: 0, differences: [], errors: []});
  expect(await booksOf(rig.pool)).toEqual(books);
  for (const child of children) {
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  }
});
