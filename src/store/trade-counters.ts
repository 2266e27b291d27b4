import type {BusEvent} from '../bus/event.ts';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import {createPercentiles} from '../core/percentiles.ts';
import type {Micros} from '../core/time.ts';
import type {BusState} from '../model/bus-state.ts';
import type {TradeRow} from '../monitor/trades.ts';
import {perMinute} from './bus-parts.ts';
import {createCounts} from './counts.ts';
import {createKnownTrades} from './known-trades.ts';
import {createTape} from './tape.ts';

export type TradeCountersOptions = {
  readonly capacity: number;
  readonly identities: number;
  readonly graceMs: number;
};

type TradeState = Pick<
  BusState,
  'tape' | 'seen' | 'duplicates' | 'missed' | 'lastMissedAt' | 'perMinute' | 'history' | 'lagMs' | 'lagP99Ms'
>;

const HISTORY = 60;
const SPAN = 2;

/** The counters of trades: each trade counts once, from the bus or from the table. */
export function createTradeCounters({capacity, identities, graceMs}: TradeCountersOptions) {
  const known = createKnownTrades(identities);
  const tape = createTape(capacity);
  const counts = createCounts((HISTORY + 1) * SPAN);
  const lags = createPercentiles(1000);
  const numbers = {seen: 0, duplicates: 0, missed: 0};
  const scratch: number[] = new Array(HISTORY).fill(0);
  let history: readonly number[] = [...scratch];
  let lastMissedAt: Micros | undefined;
  return {
    ingest: (event: BusEvent<'trades', TradeEvent>): void => {
      const firstSeen = known.firstSeen(event.data.tradeId);
      if (firstSeen === 'bus') {
        numbers.duplicates++;
        return;
      }
      known.remember(event.data.tradeId, 'bus', event.receivedAt);
      numbers.seen++;
      if (firstSeen === 'missed') numbers.missed--;
      if (firstSeen === undefined) tape.add(event);
      counts.add(event.receivedAt);
      lags.add((event.receivedAt - event.at) / 1000);
    },
    /** `listening`: time of the first subscription, from which on every trade should arrive; undefined: none yet. */
    fill: (rows: readonly TradeRow[], now: Micros, listening: Micros | undefined): void => {
      const grace = graceMs * 1000;
      const fresh = rows.filter(({tradeId, executedAt}) => {
        if (known.firstSeen(tradeId) !== undefined) return false;
        // A trade that we may have forgotten cannot count as missed.
        const judged = executedAt >= (known.since() ?? Number.NEGATIVE_INFINITY) + grace;
        const missed = judged && executedAt >= (listening ?? Number.POSITIVE_INFINITY);
        // Its event may still be on the way; the next reading of the table has it again.
        if (missed && executedAt > now - grace) return false;
        known.remember(tradeId, missed ? 'missed' : 'table', now);
        if (missed) {
          numbers.missed++;
          lastMissedAt = now;
        }
        return true;
      });
      tape.insert(fresh.map(row => (row.from === 'table' ? row : {...row, from: 'table', lagMs: undefined})));
    },
    state: (at: Micros, since: Micros): TradeState => {
      counts.spans(SPAN, at, scratch);
      if (scratch.some((n, i) => n !== history[i])) history = [...scratch];
      return {
        tape: tape.rows(),
        ...numbers,
        lastMissedAt,
        perMinute: perMinute(counts, at, since),
        history,
        lagMs: lags.newest(),
        lagP99Ms: lags.at(0.99),
      };
    },
  };
}
