import {dec} from '../core/decimal.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {OrderFacts, SignalRow, StepRow, TraceFacts} from './facts.ts';
import {absent, denied, done, type Limit, none} from './place.ts';
import type {Placed} from './step.ts';

/** The steps of the orders of a life, and the signals that they came of. */
export function stepsOfOrders(facts: TraceFacts, limit: Limit): readonly Placed[] {
  const {signals, orders} = facts;
  return [
    ...signals.rows.flatMap(signal => ofSignal(signal, facts, limit)),
    ...(orders.denied === undefined ? [] : [denied('order', facts.id, orders)]),
    ...orders.rows.flatMap(order => ofOrder(order, facts, limit)),
  ];
}

/** A signal, and where no order came of it, that. */
function ofSignal(signal: SignalRow, {orders, now}: TraceFacts, limit: Limit): readonly Placed[] {
  const {id, orderId, generatedAt, expiresAt} = signal;
  const text = `${signal.signal} ${signal.quantity ?? ''} ${signal.symbol} by ${signal.strategy}`.replaceAll('  ', ' ');
  const made = done('signal', {of: id, text, at: generatedAt});
  if (orders.denied !== undefined || orders.rows.some(order => order.orderId === orderId)) return [made];
  const since = generatedAt;
  if (orderId !== undefined) {
    return [made, absent('order', {of: orderId, text: `execution.orders has no order ${orderId}`, since}, limit)];
  }
  const over = expiresAt !== undefined && expiresAt <= now ? ', and it has expired' : '';
  return [made, none('order', {of: id, text: `no order came of this signal${over}`, since})];
}

function ofOrder(order: OrderFacts, facts: TraceFacts, limit: Limit): readonly Placed[] {
  const {orderId: of, createdAt: at} = order;
  const {signals} = facts;
  const signal = signals.rows.find(each => each.orderId === of);
  const text = `${order.side} ${order.quantity ?? '?'} ${order.symbol} for ${order.accountId}, ${order.status}`;
  const made = done('order', {of, text, at, since: signal?.generatedAt}, limit);
  const before =
    signal !== undefined
      ? []
      : signals.denied !== undefined
        ? [denied('signal', of, signals, at)]
        : order.strategy === undefined
          ? [none('signal', {of, text: 'no strategy: it was sent by hand', since: at})]
          : [absent('signal', {of, text: `no signal of ${order.strategy} names order ${of}`, since: at}, limit)];
  if (facts.alone) {
    const others = 'it has 5,000 steps or more: those of its other fills were not read';
    return [...before, made, none('execution log', {of, text: others, since: at})];
  }
  return [...before, made, ...ofLog(order, facts, limit), ...fillsWanted(order, facts, limit)];
}

/** The recorded steps of an order's life; a number that is left out, and a last status that is not the order's, are missing. */
function ofLog(order: OrderFacts, {steps}: TraceFacts, limit: Limit): readonly Placed[] {
  const {orderId: of, createdAt} = order;
  if (steps.denied !== undefined) return [denied('execution log', of, steps, createdAt)];
  const own = steps.rows.filter(step => step.orderId === of);
  if (own.length === 0) {
    return [absent('execution log', {of, text: `no step of order ${of} is recorded`, since: createdAt}, limit)];
  }
  const found: Placed[] = [];
  let [next, since] = [1, createdAt];
  for (const step of own) {
    if (step.step > next) found.push(absent('execution log', {of, text: missingSteps(next, step.step - 1), since}));
    found.push(done('execution log', {of, text: wordsOf(step), at: step.occurredAt, since}));
    next = step.step + 1;
    since = step.occurredAt ?? since;
  }
  const last = own.at(-1);
  if (last !== undefined && last.status !== order.status) {
    const text = `step ${next} is not recorded: the order is ${order.status}, the last step says ${last.status}`;
    found.push(absent('execution log', {of, text, since: order.updatedAt ?? since}, limit));
  }
  return found;
}

const missingSteps = (first: number, last: number): string =>
  first === last ? `step ${first} is not recorded` : `steps ${first} to ${last} are not recorded`;

function wordsOf({step, status, filled, tradeId, reason}: StepRow): string {
  const part = filled === undefined || !/[1-9]/.test(filled) ? '' : `, ${filled} filled`;
  return `${step} ${status}${part}${tradeId === undefined ? '' : ` by ${tradeId}`}${reason === undefined ? '' : `: ${reason}`}`;
}

/** What is missing of the fills of an order that says that it is filled, beyond those that its life names. */
function fillsWanted(order: OrderFacts, {fills, steps, restated}: TraceFacts, limit: Limit): readonly Placed[] {
  const {orderId: of, quantity, status, updatedAt: since} = order;
  if (fills.denied !== undefined) return [denied('fill', of, fills, since)];
  if (status !== 'filled' && status !== 'partially_filled') return [];
  const own = fills.rows.filter(fill => fill.orderId === of);
  const known = new Set<SafeText>(own.map(fill => fill.tradeId));
  // Those are named one by one; a correction or a bust changes the sum.
  const isNamed = steps.rows.some(
    ({orderId, tradeId}) => orderId === of && tradeId !== undefined && !known.has(tradeId),
  );
  if (isNamed || restated.rows.some(({reason}) => reason === 'corrected' || reason === 'busted')) return [];
  if (own.length === 0)
    return [absent('fill', {of, text: `no trade fills order ${of}, which is ${status}`, since}, limit)];
  const filled = own.reduce((sum, fill) => sum.plus(dec(fill.quantity ?? '0')), dec('0'));
  if (status !== 'filled' || quantity === undefined || filled.gte(dec(quantity))) return [];
  return [
    absent('fill', {of, text: `trades fill ${filled.toFixed()} of ${quantity}, and the order is filled`, since}, limit),
  ];
}
