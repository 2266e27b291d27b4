import {z} from 'zod';
import {type MarketHours, parseMarketHours} from '../core/market-hours.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {decode, rowSchema} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/market_hours';

const row = rowSchema({value: z.string()});

/** When the market is open; without a row it always is. */
export type MarketHoursRow = {
  /** Undefined: the setting is wrong. */
  readonly hours: MarketHours | undefined;
  /** What is wrong with it. */
  readonly error: SafeText | undefined;
};

/** Reads the setting. */
const marketHoursRows = (raws: readonly Raw[]): readonly MarketHoursRow[] =>
  decode(row, raws, SQL).map(({value}) => {
    const hours = parseMarketHours(JSON.parse(value));
    return typeof hours === 'string' ? {hours: undefined, error: sanitise(hours)} : {hours, error: undefined};
  });

/** The market's sessions and holidays, from shared.system_config. */
export const marketHoursPoller: Poller<{market_hours: MarketHoursRow}> = statementPoller({
  everyMs: 30_000,
  samples: {
    market_hours: {sql: SQL, rows: marketHoursRows},
  },
});
