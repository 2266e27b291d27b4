import {z} from 'zod';
import {type MarketHours, parseMarketHours} from '../core/market-hours.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {decode, rowSchema} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const HOURS = 'monitor/market_hours';
const LIMITS = 'monitor/alert_limits';

const row = rowSchema({value: z.string()});

/** When the market is open; without a row it always is. */
export type MarketHoursRow = {
  /** Undefined: the setting is wrong. */
  readonly hours: MarketHours | undefined;
  /** What is wrong with it. */
  readonly error: SafeText | undefined;
};

/** Thresholds of alerts for all hosts; without a row nobody has set any. */
export type AlertLimitsRow = {
  /** The setting's JSON, not checked; undefined: it is too long to be read. */
  readonly value: unknown;
};

/** The longest setting of thresholds that is read, in characters. */
const MOST_LIMITS = 65_536;

const marketHoursRows = (raws: readonly Raw[]): readonly MarketHoursRow[] =>
  decode(row, raws, HOURS).map(({value}) => {
    const hours = parseMarketHours(JSON.parse(value));
    return typeof hours === 'string' ? {hours: undefined, error: sanitise(hours)} : {hours, error: undefined};
  });

/** The setting of thresholds, of its JSON. Throws where it is none. */
export const alertLimitsRow = (value: string): AlertLimitsRow => ({
  value: value.length > MOST_LIMITS ? undefined : JSON.parse(value),
});

const alertLimitsRows = (raws: readonly Raw[]): readonly AlertLimitsRow[] =>
  decode(row, raws, LIMITS).map(({value}) => alertLimitsRow(value));

/** What alerts go by, from shared.system_config: the market's sessions and holidays, and thresholds. */
export const systemSettingsPoller: Poller<{market_hours: MarketHoursRow; alert_limits: AlertLimitsRow}> =
  statementPoller({
    everyMs: 30_000,
    samples: {
      market_hours: {sql: HOURS, rows: marketHoursRows},
      alert_limits: {sql: LIMITS, params: [MOST_LIMITS + 1], rows: alertLimitsRows},
    },
  });

/** Reads the thresholds once. Rejects with the driver's error. */
export const readAlertLimits = async (io: {
  readonly query: (sql: string, params: readonly unknown[]) => Promise<readonly Raw[]>;
}): Promise<readonly AlertLimitsRow[]> => alertLimitsRows(await io.query(LIMITS, [MOST_LIMITS + 1]));
