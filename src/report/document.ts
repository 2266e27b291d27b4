import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';

const text = z.string().transform(value => sanitise(value));
const maybe = z
  .string()
  .nullable()
  .transform(value => (value === null ? null : sanitise(value)));

const figures = z.object({
  trades: text,
  /** Sum of the trades' values, buys and sells alike. */
  turnover: maybe,
  /** Trades that have an outcome. */
  decided: text,
  /** 0 to 1; null: no trade has an outcome. */
  win_rate: maybe,
  /** Commissions are taken off. */
  realized_pnl: maybe,
  /** Of what was held at the end, at the last bar's close; null: it is not known, or is of no account. */
  unrealized_pnl: maybe,
  commission: maybe,
});

const section = z.object({
  id: text,
  title: text,
  columns: z.array(text),
  rows: z.array(z.record(z.string(), maybe)),
  /** There are more rows than these. */
  cut: z.boolean(),
  /** Why it could not be read, and what to do; null: it was. */
  failure: z.object({why: text, message: text, next: text}).nullable(),
});

/**
 * A report as it is kept and as `report --json` gives it. Money is digits, an unknown value is null, times are ISO 8601 in
 * UTC. Whatever is read with it is safe to show.
 */
export const reportSchema = z.object({
  kind: z.enum(['day', 'shift']),
  /** The desk's day; null for a shift. */
  day: maybe,
  from: text,
  to: text,
  time_zone: text,
  /** Nothing is executed in it any more. */
  over: z.boolean(),
  account: maybe,
  strategy: maybe,
  made_at: text,
  note: maybe,
  figures: z.object({
    /** SHA-256 of them: two reports with the same digest have the same figures. */
    digest: text,
    /** So many trades of closed days are in no table any more, and in no figure. */
    detached: text,
    desk: figures,
    accounts: z.array(figures.extend({account: text})),
    strategies: z.array(figures.extend({strategy: text})),
    /** Each account's part of each strategy. */
    lines: z.array(figures.extend({account: text, strategy: text})),
  }),
  sections: z.array(section),
});

export type DeskReport = z.output<typeof reportSchema>;

/** The figures of the desk, an account, a strategy, or an account's part of one. */
export type Figures = z.output<typeof figures>;

/** What else is in a report: a table of texts. */
export type ReportSection = z.output<typeof section>;
