import {dec} from '../core/decimal.ts';
import {age, money} from '../core/format.ts';
import {openSince} from '../core/market-hours.ts';
import type {Micros} from '../core/time.ts';
import {pricesMissing} from './ingestion-state.ts';
import {near} from './limits.ts';
import {type AlertRule, found, measured, type Seen} from './rule.ts';

/** For how many seconds something has been missing while the market was open; undefined: the market is closed. */
export function quietSeconds({at, samples}: Seen, lastAt: Micros): number | undefined {
  const hours = samples.market_hours.rows[0]?.hours;
  const opened = hours === undefined ? Number.NEGATIVE_INFINITY : openSince(hours, at);
  return opened === undefined ? undefined : Math.max(0, at - Math.max(lastAt, opened)) / 1e6;
}

/** The market: its hours, and the prices at which positions are valued. */
export const marketRules: readonly AlertRule[] = [
  {
    id: 'stale_marks',
    when: 'open positions are valued at old prices, while the market is open',
    needs: ['positions'],
    owner: 'data',
    todo: 'Look for the symbols in Positions, and at the service that brings their prices.',
    limits: {unit: 'seconds', warn: 120, crit: 900},
    find: (state, limits) => {
      const old = state.samples.positions.rows.flatMap(row => {
        const seconds = row.markAt === undefined ? undefined : quietSeconds(state, row.markAt);
        return seconds !== undefined && near(seconds, limits) ? [{row, seconds}] : [];
      });
      const oldest = old.toSorted((a, b) => b.seconds - a.seconds)[0];
      if (oldest === undefined) return [];
      const worth = old.reduce((sum, {row}) => sum.plus(dec(row.marketValue ?? '0')), dec('0')).toFixed();
      const [symbol, after] = [oldest.row.symbol, age(oldest.seconds)];
      const text =
        old.length === 1
          ? `The position in ${symbol}, worth ${money(worth)}, is valued at a price ${after} old`
          : `${old.length} positions worth ${money(worth)} are valued at old prices, ${symbol} at one ${after} old`;
      return measured(oldest.seconds, {
        text,
        since: state.at - oldest.seconds * 1e6,
        row: {pane: 'positions', key: `${oldest.row.accountId}\u0000${symbol}`},
        causedBy: state.bus.quiet?.some(quiet => quiet.symbol === symbol)
          ? `silence_symbol:${symbol}`
          : pricesMissing(state),
      });
    },
  },
  {
    id: 'market_hours',
    when: 'the setting market.sessions cannot be read: the market counts as open',
    needs: ['market_hours'],
    owner: 'trading',
    todo: 'tradetop config set market.sessions',
    find: ({samples}) => {
      const error = samples.market_hours.rows[0]?.error;
      return found(error === undefined ? 'ok' : 'warn', {
        text: `The setting market.sessions is wrong, the market counts as open: ${error}`,
      });
    },
  },
];
