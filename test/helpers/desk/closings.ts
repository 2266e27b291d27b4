import type pg from 'pg';
import type {Gate} from '../../../src/actions/gate.ts';
import type {Outcome} from '../../../src/actions/plan.ts';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import type {BookedTrade} from './books-model.ts';
import type {lived} from './lives.ts';

/** Empties the books, closed ones included; the archives keep their months. */
export const clearBooks = (pool: pg.Pool): Promise<unknown> =>
  pool.query(`TRUNCATE analytics.sync_ledger, analytics.sync_pairs, analytics.sync_restatements, analytics.portfolio_summary,
    analytics.performance_metrics, analytics.sync_quarantine, analytics.sync_gaps, execution.trades,
    execution.execution_logs, execution.orders, execution.positions, analytics.book_closings, analytics.opening_balances, analytics.archived_sync_ledger,
    execution.archived_trades`);

/** Makes the archives refuse rows while the given function says so. */
export async function stoppable(pool: pg.Pool): Promise<(stop: boolean) => Promise<unknown>> {
  await pool.query(`CREATE TABLE public.stops (at int);
    CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF EXISTS (SELECT FROM public.stops) THEN RAISE 'stopped'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER stop BEFORE INSERT ON analytics.archived_sync_ledger FOR EACH ROW EXECUTE FUNCTION public.stop()`);
  return stop => pool.query(stop ? 'INSERT INTO public.stops VALUES (1)' : 'TRUNCATE public.stops');
}

/** How many whole months before the current one stay open. */
export const keepOpen = (pool: pg.Pool, months: number): Promise<unknown> =>
  pool.query(
    `INSERT INTO shared.system_config (key, value) VALUES ('books.open_months', to_jsonb($1::int))
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [months],
  );

/** Closes the books before a month, as `tradetop maintain close-books` does. */
export const closeBooks = async (gate: Gate, month: string): Promise<Outcome> =>
  gate.run(await gate.plan('close-books', {kind: 'month', month}));

type Life = ReturnType<typeof lived>;

type Followed = {
  row?: TradeEvent;
  event?: TradeEvent;
  /** An event that contradicts was heard. */
  contradicted?: boolean;
  busted?: boolean;
  /** What the trade is for good. */
  closed?: BookedTrade;
};

/**
 * What trades come to with closings between their operations: it knows nothing of opening balances, archives or ledgers.
 * What was executed before a closing never counts afterwards, and what counted then never changes.
 */
export function closingModel(lives: readonly Life[]) {
  const all = lives.map((): Followed => ({}));
  let closedAt = Number.NEGATIVE_INFINITY;
  const timeOf = ({row, event}: Followed, life: Life): number => (row ?? event ?? life.told).executedAt as number;
  const counts = (f: Followed, life: Life): boolean =>
    f.closed !== undefined || (!f.busted && (f.row ?? f.event) !== undefined && timeOf(f, life) >= closedAt);
  return {
    /**
     * Whether an operation may be done: nobody moves an open trade's row into closed books, or changes a closed one that still
     * waits to be archived.
     */
    may: (i: number, kind: Life['ops'][number]['kind'], archived: boolean): boolean => {
      const [f, life] = [all[i] as Followed, lives[i] as Life];
      const isMoved = life.corrected.executedAt !== life.booked.executedAt;
      if (f.closed) return archived || (kind !== 'correction' && kind !== 'bust');
      if (kind !== 'correction' || !isMoved) return true;
      return (life.corrected.executedAt as number) >= closedAt && (life.booked.executedAt as number) >= closedAt;
    },
    did: (i: number, kind: Life['ops'][number]['kind']): void => {
      const [f, life] = [all[i] as Followed, lives[i] as Life];
      if (f.closed) return;
      if (kind === 'row') f.row = life.booked;
      else if (kind === 'correction') f.row = life.corrected;
      else if (kind === 'event') f.event = life.told;
      else if (kind === 'contradiction') f.contradicted = true;
      else {
        f.busted = true;
        delete f.row;
      }
    },
    /** Trades executed before a time that count and have no row, so that the books cannot be closed. */
    rowless: (before: number): number =>
      all.filter((f, i) => {
        const at = timeOf(f, lives[i] as Life);
        const isHeard = f.event !== undefined || f.contradicted === true;
        return !f.closed && !f.row && !f.busted && isHeard && at >= closedAt && at < before;
      }).length,
    close: (before: number): void => {
      for (const [i, f] of all.entries()) {
        const life = lives[i] as Life;
        if (counts(f, life) && !f.closed && timeOf(f, life) < before) f.closed = {row: f.row, event: f.event};
      }
      closedAt = before;
    },
    truths: (): readonly BookedTrade[] =>
      all.flatMap((f, i) => (counts(f, lives[i] as Life) ? [f.closed ?? {row: f.row, event: f.event}] : [])),
  };
}
