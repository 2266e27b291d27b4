import {plural} from '../core/format.ts';
import type {SafeText} from '../core/sanitise.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import {stepOfEvent} from './event-step.ts';
import type {AsideRow, EntryRow, FillRow, TraceFacts} from './facts.ts';
import {absent, denied, done, type Limit, none} from './place.ts';
import type {Placed} from './step.ts';

/** The steps of the trades of a life: the fill, its event, and what came of it in analytics. */
export function stepsOfTrades(facts: TraceFacts, limit: Limit): readonly Placed[] {
  const {fills, steps, ledger, quarantine, restated} = facts;
  const ids = new Set<SafeText>([
    ...fills.rows.map(({tradeId}) => tradeId),
    ...steps.rows.flatMap(({tradeId}) => tradeId ?? []),
    ...[...ledger.rows, ...quarantine.rows, ...restated.rows].map(({tradeId}) => tradeId),
  ]);
  return [...ids].flatMap(id => ofTrade(id, facts, limit));
}

function ofTrade(of: SafeText, facts: TraceFacts, limit: Limit): readonly Placed[] {
  const fill = facts.fills.rows.find(each => each.tradeId === of);
  const entry = facts.ledger.rows.find(each => each.tradeId === of);
  const named = facts.steps.rows.find(each => each.tradeId === of);
  const since = fill?.executedAt ?? named?.occurredAt ?? entry?.appliedAt;
  const out = facts.restated.rows.findLast(each => each.tradeId === of && each.reason === 'busted');
  const restated =
    facts.restated.denied === undefined ? restatements(of, facts) : [denied('restatement', of, facts.restated, since)];
  if (out !== undefined && fill === undefined && entry === undefined) {
    const text = 'its row was taken out: the trade was busted and counts no more';
    return [none('fill', {of, text, since: since ?? out.restatedAt}), ...restated];
  }
  return [
    ...ofFill(of, fill, since, facts, limit),
    ...ofAnalytics(of, {fill, entry, since}, facts, limit),
    ...asides(of, facts, since),
    ...restated,
  ];
}

function ofFill(
  of: SafeText,
  fill: FillRow | undefined,
  since: Micros | undefined,
  facts: TraceFacts,
  limit: Limit,
): readonly Placed[] {
  if (fill === undefined) {
    if (facts.fills.denied !== undefined) {
      // An order says so already.
      return facts.orders.rows.length > 0 ? [] : [denied('fill', of, facts.fills, since)];
    }
    return [absent('fill', {of, text: `execution.trades has no trade ${of}`, since}, limit)];
  }
  const {executedAt, createdAt} = fill;
  const order = facts.orders.rows.find(each => each.orderId === fill.orderId);
  const text = `${of}: ${fill.side ?? order?.side ?? '(unknown side)'} ${fill.quantity ?? '?'} ${fill.symbol} at ${fill.price ?? '?'} for ${fill.accountId}${fill.archived ? ', archived' : ''}`;
  const written = createdAt === undefined || executedAt === undefined ? undefined : (createdAt - executedAt) / 1000;
  const isLate = written !== undefined && written > limit.lateMs;
  const filled = done('fill', {
    of,
    text: `${text}${isLate ? ': its row was written late' : ''}`,
    at: executedAt,
    since: order?.createdAt,
  });
  const noOrder =
    fill.orderId === undefined ? [none('order', {of, text: 'the trade names no order', since: executedAt})] : [];
  // A signal that names the order says so already.
  const isNamed = facts.signals.rows.some(({orderId}) => orderId !== undefined && orderId === fill.orderId);
  const lost = fill.orderId !== undefined && order === undefined && facts.orders.denied === undefined && !isNamed;
  const missing = lost
    ? [absent('order', {of: fill.orderId, text: `execution.orders has no order ${fill.orderId}`, since: executedAt})]
    : [];
  return [
    ...noOrder,
    ...missing,
    isLate ? {...filled, state: 'late', lagMs: written} : filled,
    ...unlogged(fill, facts),
  ];
}

/** A fill that its order's recorded life does not name. */
function unlogged({tradeId: of, orderId, executedAt}: FillRow, {steps, orders}: TraceFacts): readonly Placed[] {
  const own = steps.rows.filter(step => step.orderId === orderId);
  const isFound = orders.rows.some(order => order.orderId === orderId);
  if (!isFound || own.length === 0 || own.some(({tradeId}) => tradeId === of)) return [];
  const first = own[0]?.step ?? 1;
  // The step that is left out is named already.
  if (own.length !== (own.at(-1)?.step ?? 0) - first + 1 || first !== 1) return [];
  return [
    absent('execution log', {of, text: `no recorded step of order ${orderId} names the fill ${of}`, since: executedAt}),
  ];
}

type Known = {
  readonly fill: FillRow | undefined;
  readonly entry: EntryRow | undefined;
  readonly since: Micros | undefined;
};

function ofAnalytics(of: SafeText, {fill, entry, since}: Known, facts: TraceFacts, limit: Limit): readonly Placed[] {
  const {ledger, quarantine} = facts;
  const written = fill?.createdAt ?? since;
  if (ledger.denied !== undefined) return [denied('ledger', of, ledger, written)];
  if (entry !== undefined) {
    const {appliedAt: at} = entry;
    const text = `${of}: value ${entry.totalValue ?? '?'}, realised P&L ${entry.realizedPnl ?? '?'}${entry.archived ? ', archived' : ''}`;
    return [
      ...stepOfEvent(entry, fill, facts, limit),
      done('ledger', {of, text, at, since: written}, limit),
      ...ofSums(entry, facts),
    ];
  }
  const aside = quarantine.rows.find(each => each.tradeId === of && each.whole);
  if (aside?.resolution === 'rejected') {
    const text = `rejected by ${aside.resolvedBy ?? 'an operator'}: it never counts`;
    return [none('ledger', {of, text, since: aside.resolvedAt ?? written})];
  }
  if (aside !== undefined) {
    return [
      absent('ledger', {of, text: `its event is in quarantine: ${aside.reason}`, since: aside.firstAt ?? written}),
    ];
  }
  return [absent('ledger', {of, text: `analytics.sync_ledger has no entry of trade ${of}`, since: written}, limit)];
}

/** What a trade was added to. */
function ofSums(
  {tradeId: of, accountId, symbol, strategy, date, appliedAt: since}: EntryRow,
  facts: TraceFacts,
): readonly Placed[] {
  const {portfolio, metrics} = facts;
  const sum = portfolio.rows.find(each => each.accountId === accountId && each.symbol === symbol);
  const day = metrics.rows.find(each => each.strategy === strategy && each.date === date);
  const words = (of: typeof sum | typeof day) =>
    `${of?.totalTrades} trades, value ${of?.totalValue}, realised P&L ${of?.realizedPnl}`;
  const has = (of: typeof sum | typeof day) => of?.totalTrades !== undefined && of.totalTrades !== '0';
  const pair = `${accountId} ${symbol}`;
  const days = `${strategy} on ${date}`;
  return [
    portfolio.denied !== undefined
      ? denied('portfolio', of, portfolio, since)
      : has(sum)
        ? done('portfolio', {of, text: `${pair} now: ${words(sum)}`, since})
        : absent('portfolio', {of, text: `analytics.portfolio_summary has no trade of ${pair}`, since}),
    metrics.denied !== undefined
      ? denied('metrics', of, metrics, since)
      : has(day)
        ? done('metrics', {of, text: `${days} now: ${words(day)}`, since})
        : absent('metrics', {of, text: `analytics.performance_metrics has no trade of ${days}`, since}),
  ];
}

/** The events of a trade that were set aside: what came of each. */
function asides(of: SafeText, {quarantine}: TraceFacts, since: Micros | undefined): readonly Placed[] {
  if (quarantine.denied !== undefined) return [denied('quarantine', of, quarantine, since)];
  return quarantine.rows.filter(({tradeId}) => tradeId === of).map(asideStep);
}

function asideStep({
  id,
  firstAt: at,
  attempts,
  reason,
  whole,
  resolution,
  resolvedBy,
  resolvedAt,
  note,
}: AsideRow): Placed {
  const what = whole ? 'its event was set aside' : 'an event that contradicts it was set aside';
  const by = resolvedBy ?? 'the synchroniser';
  const end =
    resolution === undefined || resolvedAt === undefined
      ? `open after ${plural(attempts, 'attempt')}`
      : `${resolution} by ${by} at ${isoMicros(resolvedAt).slice(0, 19)}Z${note === undefined ? '' : `: ${note}`}`;
  return done('quarantine', {of: id, at, text: `${what}: ${reason}; ${end}`});
}

function restatements(of: SafeText, {restated}: TraceFacts): readonly Placed[] {
  return restated.rows
    .filter(({tradeId}) => tradeId === of)
    .map(({restatedAt, reason, cause, oldValue, newValue, oldPnl, newPnl}) => {
      const change = (from: string | undefined, to: string | undefined) => `${from ?? 'n/a'} → ${to ?? 'out'}`;
      const why = cause === of ? reason : `${reason}, because of ${cause}`;
      return done('restatement', {
        of,
        at: restatedAt,
        text: `${why}: value ${change(oldValue, newValue)}, realised P&L ${change(oldPnl, newPnl)}`,
      });
    });
}
