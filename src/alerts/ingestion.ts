import {age, count, plural} from '../core/format.ts';
import type {IngestionRow} from '../monitor/ingestion.ts';
import {MOST_NAMED} from './bars.ts';
import {PRICES, silenceOf} from './channels.ts';
import {isSilent, overdueTimes, pricesMissing} from './ingestion-state.ts';
import {LIMITS, near} from './limits.ts';
import {quietSeconds} from './market.ts';
import {type AlertRule, found, measured, type Seen} from './rule.ts';
import {FULL_DISK} from './sources.ts';

/** The rows of each source. */
function bySource(rows: readonly IngestionRow[]): readonly (readonly [string, readonly IngestionRow[]])[] {
  const sources = new Map<string, IngestionRow[]>();
  for (const row of rows) {
    const before = sources.get(row.source);
    if (before === undefined) sources.set(row.source, [row]);
    else before.push(row);
  }
  return [...sources];
}

const rowOf = ({symbol}: IngestionRow) => ({pane: 'market_data', key: symbol}) as const;

/** How overdue a source's next bar is, in times of its interval, counting only while the market is open. */
function openTimes(state: Seen, row: IngestionRow): number | undefined {
  const [times, seconds] = [overdueTimes(row), row.barSeconds];
  if (times === undefined || seconds === undefined || seconds <= 0 || row.state === 'paused') return undefined;
  const quiet = quietSeconds(state, state.at - seconds * 1e6);
  return quiet === undefined ? undefined : (times * quiet) / seconds;
}

/** The sources of bars, as the ingestion itself says how they do: one alert a source. */
export const ingestionRules: readonly AlertRule[] = [
  {
    id: 'ingestion_error',
    when: 'the ingestion says that a source of bars is in error',
    needs: ['ingestion'],
    owner: 'data',
    todo: 'Read the reason; look at the ingestion service, its log, and the source.',
    find: ({samples: {ingestion}}) =>
      bySource(ingestion.rows.filter(row => row.state === 'error')).flatMap(([source, rows]) => {
        const first = rows[0] as IngestionRow;
        const symbols = rows.length === 1 ? first.symbol : `${first.symbol} and ${count(rows.length - 1)} more`;
        return found('crit', {
          subject: source,
          text: `${source} is in error for ${symbols}: ${first.error ?? 'no reason given'}`,
          since: first.stateSince,
          row: rowOf(first),
          causedBy: FULL_DISK,
        });
      }),
  },
  {
    id: 'ingestion_silent',
    when: `the ingestion has not said for ${age(LIMITS.silentIngestion)} how a source of bars does`,
    needs: ['ingestion'],
    owner: 'data',
    todo: 'Look at the ingestion service: it hangs, or is gone.',
    find: ({at, samples}) =>
      bySource(samples.ingestion.rows).flatMap(([source, rows]) => {
        const last = rows.toSorted((a, b) => a.silentSeconds - b.silentSeconds)[0] as IngestionRow;
        return found(isSilent(last) ? 'warn' : 'ok', {
          subject: source,
          text: `Nothing was said of ${source} for ${age(last.silentSeconds)}`,
          since: at - last.silentSeconds * 1e6,
          row: rowOf(last),
          causedBy: samples.disk.rows.some(row => row.fullSince !== undefined) ? FULL_DISK : silenceOf(PRICES),
        });
      }),
  },
  {
    id: 'ingestion_late',
    when: 'the next bar of a source is overdue, by the interval that it promises, while the market is open',
    needs: ['ingestion'],
    owner: 'data',
    todo: 'Look at the ingestion service and its log, and at the source of the symbol.',
    limits: {unit: 'times', ...LIMITS.lateBar, clear: 1.75},
    find: (state, limits) =>
      bySource(state.samples.ingestion.rows).flatMap(([source, rows]) => {
        const late = rows.flatMap(row => {
          const times = openTimes(state, row);
          return times !== undefined && near(times, limits) ? [{row, times}] : [];
        });
        const [worst] = late.toSorted((a, b) => b.times - a.times);
        if (worst === undefined) return [];
        const {symbol, barSeconds, expectedSeconds} = worst.row;
        return measured(worst.times, {
          subject: source,
          text: `${source} is late for ${plural(late.length, 'symbol')} of ${rows.length}: the last bar of ${symbol} is ${age(barSeconds)} old, and it promises one every ${age(expectedSeconds)}`,
          row: rowOf(worst.row),
          causedBy: isSilent(worst.row)
            ? pricesMissing(state)
            : `bar_late:${late.length > MOST_NAMED ? 'all' : symbol}`,
        });
      }),
  },
];
