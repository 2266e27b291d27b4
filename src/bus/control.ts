import {type DataOf, defineKind} from './kind.ts';

/**
 * An operator has changed the status of a strategy: services that work for it read its row again, and obey it. Sent after the
 * commit; it is no order by itself, and one that is lost is found in strategy_engine.strategies. Not kept on streams.
 */
export const controlKind = defineKind({
  kind: 'control',
  channel: 'data_sync:control',
  type: 'strategy_status_changed',
  service: 'operations',
  data: field => ({
    strategy: field.key(100),
    /** `active`; `paused` opens nothing new; `stopped` trades nothing. */
    status: field.oneOf('active', 'paused', 'stopped'),
    /** Of its row: an event with an older version than the row's is no news. */
    version: field.decimal('positive'),
    /** Who changed it, and from where. */
    changedBy: field.optional.key(200),
    reason: field.optional.key(500),
  }),
  correlation: data => `${data.strategy}:${data.version}`,
  orderedBy: 'strategy',
});

/** A change of a strategy's status as the bus carries it. */
export type ControlEvent = DataOf<typeof controlKind>;
