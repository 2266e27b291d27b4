import {type DataOf, defineKind} from '../kind.ts';

/** A trade was executed: the columns of execution.trades, and the figures that the publisher adds. */
export const tradesKind = defineKind({
  kind: 'trades',
  channel: 'data_sync:trades',
  type: 'trade_executed',
  service: 'execution',
  data: field => ({
    tradeId: field.key(100),
    orderId: field.optional.key(100),
    accountId: field.key(50),
    symbol: field.key(20),
    side: field.optional.oneOf('buy', 'sell'),
    quantity: field.decimal('positive'),
    price: field.decimal('positive'),
    commission: field.optional.decimal('not negative'),
    executedAt: field.optional.time(),
    strategy: field.optional.key(100),
    tradeType: field.optional.key(20),
    totalValue: field.optional.decimal('any'),
    realizedPnl: field.optional.decimal('any'),
    winRate: field.optional.decimal('any'),
  }),
  correlation: data => data.tradeId,
  orderedBy: 'accountId',
});

/** A trade as the bus carries it. */
export type TradeEvent = DataOf<typeof tradesKind>;
