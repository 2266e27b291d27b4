import {type DataOf, defineKind} from '../kind.ts';

/** A bar of data_ingestion.market_data was written; its close is the symbol's last price. Has no correlation_id. */
export const marketDataKind = defineKind({
  kind: 'market_data',
  channel: 'data_sync:market_data',
  type: 'market_data_updated',
  service: 'data_ingestion',
  data: field => ({
    symbol: field.key(20),
    /** The bar's start. */
    at: field.named('timestamp').optional.time(),
    open: field.optional.decimal('positive'),
    high: field.optional.decimal('positive'),
    low: field.optional.decimal('positive'),
    close: field.decimal('positive'),
    volume: field.optional.decimal('not negative'),
  }),
  correlation: () => undefined,
  orderedBy: 'symbol',
});

/** A bar as the bus carries it. */
export type MarketDataEvent = DataOf<typeof marketDataKind>;
