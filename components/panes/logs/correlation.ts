import type {Lead, PaneId, Where} from '../../../src/model/ui-state.ts';

/** What may have a correlation id: the lines themselves first, then what the desk names by it. Empty: there is no id. */
export function leadsOfId(id: string | undefined): readonly Lead[] {
  if (id === undefined) return [];
  const to = (pane: PaneId, what: string, where: Where): Lead => ({pane, what: `the ${what} of its id`, where, id});
  // Positions are named by both.
  const [, account, symbol] = /^([^:]+):([^:]+)$/.exec(id) ?? [];
  return [
    to('logs', 'lines', {correlation_id: id}),
    {list: {kind: 'rejects', id}, what: 'the rejected message of its id', id},
    to('trades', 'trade', {trade_id: id}),
    to('orders', 'order', {order_id: id}),
    to('trades', 'fills', {order_id: id}),
    ...(symbol === undefined ? [] : [to('positions', 'position', {account_id: account ?? '', symbol})]),
    to('risk', 'risk event', {correlation_id: id}),
    to('audit', 'acts', {correlation_id: id}),
  ];
}
