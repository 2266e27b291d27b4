import {type DataOf, defineKind} from '../kind.ts';

/** A position changed: its row of execution.positions. Long only: a quantity is never negative. */
export const positionsKind = defineKind({
  kind: 'positions',
  channel: 'data_sync:positions',
  type: 'position_updated',
  service: 'execution',
  data: field => ({
    accountId: field.key(50),
    symbol: field.key(20),
    quantity: field.decimal('not negative'),
    avgPrice: field.decimal('not negative'),
    marketValue: field.optional.decimal('any'),
    unrealizedPnl: field.optional.decimal('any'),
    realizedPnl: field.optional.decimal('any'),
    lastUpdated: field.optional.time(),
  }),
  correlation: data => `${data.accountId}:${data.symbol}`,
  orderedBy: 'accountId',
});

/** A position as the bus carries it. */
export type PositionEvent = DataOf<typeof positionsKind>;
