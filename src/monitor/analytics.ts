import {z} from 'zod';
import {digits, instant, key, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const PERFORMANCE = 'monitor/performance';
const PORTFOLIO = 'monitor/portfolio';

const performance = rowSchema({
  strategy: key,
  /** `2026-11-22`, UTC. */
  day: text,
  today: z.boolean(),
  /** Of the strategy: active, paused or stopped; undefined: it is not in the table of strategies. */
  status: maybeText,
  trades: number,
  /** Trades that have an outcome. */
  decided: number,
  /** 0 to 1; undefined: no trade has an outcome. */
  win_rate: maybeNumber,
  total_value: digits,
  realized_pnl: digits,
  /** By the strategy engine's own table; undefined: it has no row of the day. */
  signals: maybeNumber,
  engine_trades: maybeNumber,
  engine_pnl: digits,
  last_updated: instant,
});
const portfolio = rowSchema({
  account_id: key,
  trades: number,
  /** Open ones. */
  positions: number,
  total_value: digits,
  realized_pnl: digits,
  market_value: digits,
  unrealized_pnl: digits,
  last_updated: instant,
});

/** A strategy's day. */
export type PerformanceRow = z.output<typeof performance>;

/** An account's portfolio, over all its trades. */
export type PortfolioRow = z.output<typeof portfolio>;

/** What the synchroniser has summed up: the strategies' days, and the accounts. */
export const analyticsPoller: Poller<{performance: PerformanceRow; portfolio: PortfolioRow}> = statementPoller({
  everyMs: 5000,
  samples: {
    performance: {sql: PERFORMANCE, row: performance},
    portfolio: {sql: PORTFOLIO, row: portfolio},
  },
});
