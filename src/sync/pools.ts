import type {PoolCounts} from '../io/io.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';

export type Pools = {
  /** One connection for batches, which must never wait behind anything else. */
  readonly batches: Pg;
  /** One connection for marking positions to the last prices, which no batch waits for. */
  readonly marking: Pg;
  /** One connection for measuring position limits, which no batch waits for. */
  readonly limits: Pg;
  /** For heartbeats, the repair and the performance log. Only a pass over trades may take long; it sets its own limit. */
  readonly maintenance: Pg;
  /** Drops the connections of maintenance, marking and the position limits, whatever they wait for. */
  readonly drop: () => void;
  /** The connections of each, by its name. */
  readonly counts: () => Readonly<Record<string, PoolCounts>>;
  readonly close: () => Promise<unknown>;
};

export function openPools({trading, sql}: {readonly trading: PgTarget; readonly sql: SqlLibrary}): Pools {
  const shared = {answerMs: 12_000, writes: true};
  const batches = openPg(trading, sql, {
    name: 'tradetop sync',
    max: 1,
    statementMs: 10_000,
    lockMs: 5000,
    ...shared,
  });
  const maintenance = openPg(trading, sql, {
    name: 'tradetop sync maintenance',
    max: 3,
    statementMs: 600_000,
    lockMs: 4000,
    ...shared,
    leavesAt: '5s',
  });
  // A chunk's rows are locked until it ends, and trades may need them.
  const marking = openPg(trading, sql, {
    name: 'tradetop sync marking',
    max: 1,
    statementMs: 2000,
    lockMs: 1000,
    answerMs: 5000,
    writes: true,
    leavesAt: '5s',
  });
  // Limits of strategies take a sum over their trades.
  const limits = openPg(trading, sql, {
    name: 'tradetop sync limits',
    max: 1,
    statementMs: 10_000,
    lockMs: 4000,
    ...shared,
    leavesAt: '5s',
  });
  const all = [batches, marking, limits, maintenance];
  return {
    batches,
    marking,
    limits,
    maintenance,
    drop: () => {
      maintenance.drop();
      marking.drop();
      limits.drop();
    },
    counts: () => ({
      batches: batches.counts(),
      marking: marking.counts(),
      limits: limits.counts(),
      maintenance: maintenance.counts(),
    }),
    close: () => Promise.all(all.map(pool => pool.close())),
  };
}
