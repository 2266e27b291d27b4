import {decimalField, optional, textField, timeField} from '../column.ts';
import type {MarketDataEvent} from '../event.ts';
import {defineKind} from '../kind.ts';

/** A bar of data_ingestion.market_data was written; its close is the symbol's last price. Carries no correlation_id. */
export const marketDataKind = defineKind({
  kind: 'market_data',
  channel: 'data_sync:market_data',
  type: 'market_data_updated',
  service: 'data_ingestion',
  columns: {
    symbol: textField(20),
    timestamp: optional(timeField()),
    open: optional(decimalField('positive')),
    high: optional(decimalField('positive')),
    low: optional(decimalField('positive')),
    close: decimalField('positive'),
    volume: optional(decimalField('not negative')),
  },
  assemble: (row): MarketDataEvent => ({
    symbol: row.symbol,
    at: row.timestamp,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
  }),
  row: data => ({
    symbol: data.symbol,
    timestamp: data.at,
    open: data.open,
    high: data.high,
    low: data.low,
    close: data.close,
    volume: data.volume,
  }),
  correlation: () => undefined,
});
