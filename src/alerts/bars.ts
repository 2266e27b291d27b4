import {age, plural} from '../core/format.ts';
import type {MarketDataRow} from '../monitor/market-data.ts';
import {lateTimes} from './bar-state.ts';
import {pricesMissing} from './ingestion-state.ts';
import {LIMITS, near} from './limits.ts';
import {quietSeconds} from './market.ts';
import {type AlertRule, found, measured, type Seen} from './rule.ts';

/** So many late symbols have an alert of their own. */
export const MOST_NAMED = 5;

/** How late a symbol's next bar is, in times of its usual interval, counting only while the market is open. */
function openTimes(state: Seen, row: MarketDataRow): number | undefined {
  const times = lateTimes(row);
  const quiet = quietSeconds(state, state.at - row.ageSeconds * 1e6);
  return times === undefined || quiet === undefined || row.ageSeconds <= 0
    ? undefined
    : (times * quiet) / row.ageSeconds;
}

/** The bars, and what ingestion and validation find wrong with data. */
export const barRules: readonly AlertRule[] = [
  {
    id: 'bar_late',
    when: 'a symbol’s next bar is late, by the usual time between its bars, while the market is open',
    needs: ['market_data'],
    owner: 'data',
    todo: 'Look at the ingestion service and its log, and at the source of the symbol.',
    limits: {unit: 'times', ...LIMITS.lateBar, clear: 1.75},
    find: (state, limits) => {
      const late = state.samples.market_data.rows.flatMap(row => {
        const times = openTimes(state, row);
        return times !== undefined && near(times, limits) ? [{row, times}] : [];
      });
      const named = late.length > MOST_NAMED ? [] : late;
      const [worst] = late.toSorted((a, b) => b.times - a.times);
      const one = named.flatMap(({row: {symbol, ageSeconds, intervalSeconds}, times}) =>
        measured(times, {
          subject: symbol,
          text: `The last bar of ${symbol} is ${age(ageSeconds)} old, usual is one every ${age(intervalSeconds)}`,
          since: state.at - (ageSeconds - (intervalSeconds ?? 0)) * 1e6,
          row: {pane: 'market_data', key: symbol},
          causedBy: `silence_symbol:${symbol}`,
        }),
      );
      if (named.length > 0 || worst === undefined) return one;
      const {symbol, ageSeconds} = worst.row;
      return measured(worst.times, {
        subject: 'all',
        text: `The bars of ${plural(late.length, 'symbol')} of ${state.samples.market_data.rows.length} are late, the last of ${symbol} by ${age(ageSeconds)}`,
        row: {pane: 'market_data', key: symbol},
        causedBy: pricesMissing(state),
      });
    },
  },
  {
    id: 'data_quality',
    when: 'data of the last day was found wrong, by a rule of severity error or critical, and nobody has mended it',
    needs: ['market_quality'],
    owner: 'data',
    todo: 'Mend the row or load it again: the finding is closed by itself. The check data_quality lists all of them (⏎ in Checks).',
    find: ({samples}) =>
      samples.market_quality.rows
        .filter(row => row.severity === 'critical' || row.severity === 'error')
        .flatMap(row => {
          const symbol = row.symbol ?? '(all)';
          return found('warn', {
            subject: symbol,
            text: `${symbol}: ${plural(row.findings, 'open finding')}, the last ${row.checkName}: ${row.message}`,
            since: row.at,
            row: {pane: 'market_data', key: symbol},
          });
        }),
  },
];
