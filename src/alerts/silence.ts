import {age, plural} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import type {GoneService} from '../model/state.ts';
import {PRICES, SILENT_CHANNEL, silenceOf} from './channels.ts';
import {LIMITS, near} from './limits.ts';
import {quietSeconds} from './market.ts';
import {serviceAt, serviceRow} from './places.ts';
import {type AlertFinding, type AlertRule, found, measured, type Seen} from './rule.ts';
import {waitsBehind} from './sessions.ts';
import {FULL_DISK} from './sources.ts';
import {SYNC_ROLE} from './sync.ts';

/** After a channel's silence its symbols come one by one: so many seconds are given to them. */
const RESUMES = 5;

/** So many silent symbols, or services, have an alert of their own. */
const MOST_NAMED = 5;

/** How many times longer than usual something has been silent; undefined: the market is closed. */
function timesUsual(state: Seen, lastAt: Micros, usualSeconds: number) {
  const seconds = quietSeconds(state, Math.max(lastAt, state.bus.link.since));
  return seconds === undefined ? undefined : {seconds, times: seconds / Math.max(usualSeconds, LIMITS.quiet)};
}

/**
 * Why a service does nothing, as the id of an alert: it is gone, or waits for a lock; `otherwise` by default: it cannot write
 * first what it publishes.
 */
export function muteBecause(state: Seen, service: string | undefined, otherwise = FULL_DISK): string {
  const away = state.gone?.find(one => one.service === service);
  return away === undefined ? (waitsBehind(state, service) ?? otherwise) : `silence_service:${away.key}`;
}

const channels: AlertRule = {
  id: SILENT_CHANNEL,
  when: 'a channel of the bus on which messages came is silent for longer than is usual, while the market is open',
  needs: ['bus'],
  owner: 'data',
  todo: 'Look at the service that publishes on it: its row in Connection health, its log.',
  limits: {unit: 'times', warn: 1, crit: 4},
  find: state =>
    state.bus.channels.flatMap(({channel, lastAt, usualSeconds, service}) => {
      if (lastAt === undefined || usualSeconds === undefined) return [];
      const quiet = timesUsual(state, lastAt, usualSeconds);
      if (quiet === undefined) return [];
      return measured(quiet.times, {
        subject: channel,
        text: `Nothing on ${channel} for ${age(quiet.seconds)}${service === undefined ? '' : `, which ${service} publishes`}`,
        since: lastAt,
        row: serviceRow(state, service),
        causedBy: muteBecause(state, service),
      });
    }),
};

const symbols: AlertRule = {
  id: 'silence_symbol',
  when: 'a symbol has no price for longer than is usual for it, while the market is open',
  needs: ['bus'],
  owner: 'data',
  todo: 'Ask the source of its prices; its positions are valued at the last one.',
  limits: {unit: 'times', warn: 1},
  find: (state, limits) => {
    // Where nothing comes at all, it is not the symbol's silence.
    const heardAt = state.bus.channels.find(({channel}) => channel === PRICES)?.lastAt ?? state.at;
    const all = quietSeconds(state, heardAt) ?? 0;
    const quiet = (state.bus.quiet ?? []).flatMap(({symbol, lastAt, usualSeconds}) => {
      const silent = timesUsual(state, lastAt, usualSeconds);
      if (silent === undefined) return [];
      const alone = (silent.times * (silent.seconds - all)) / Math.max(silent.seconds, 1);
      return near(alone, limits) ? [{symbol, lastAt, ...silent, times: alone}] : [];
    });
    const causedBy = silenceOf(PRICES);
    const more = quiet.slice(MOST_NAMED);
    return [
      ...quiet.slice(0, MOST_NAMED).flatMap(({symbol, lastAt, seconds, times}) =>
        measured(times, {
          subject: symbol,
          text: `No price of ${symbol} for ${age(seconds)}`,
          since: lastAt,
          row: {pane: 'market_data', key: symbol},
          forSeconds: RESUMES,
          causedBy,
        }),
      ),
      ...found(more.length > 0 ? 'warn' : 'ok', {
        subject: 'more',
        text: `No price of ${plural(more.length, 'more symbol')}: ${more.map(({symbol}) => symbol).join(', ')}`,
        forSeconds: RESUMES,
        causedBy,
      }),
    ];
  },
};

/** What goes within this time goes together. */
const TOGETHER: Micros = 10_000_000;

/** Those that went when a service did, itself too, the first of them first: one thing ended them. */
const wentWith = ({gone = []}: Seen, since: Micros): readonly GoneService[] =>
  gone
    .filter(other => Math.abs(other.since - since) <= TOGETHER)
    .toSorted((a, b) => a.since - b.since || (a.key < b.key ? -1 : 1));

/**
 * How a service is gone: for how long while the market was open, in seconds and in times of what is usual. One that goes
 * alone may only have closed an idle session; several at once have not.
 */
export function goneFor(state: Seen, {since, usualSeconds}: GoneService) {
  const seconds = quietSeconds(state, since);
  const together = wentWith(state, since);
  const usual = Math.min(usualSeconds, ...together.map(other => other.usualSeconds));
  const least = Math.max(together.length > 1 ? LIMITS.quiet : LIMITS.alone, 3 * usual);
  return seconds === undefined ? undefined : {seconds, times: seconds / least};
}

/** What is said of a service that is gone: by the first of several that went at once, of all of them. */
function goneText(
  state: Seen,
  {key, service, since}: GoneService,
  seconds: number,
): {readonly text: string; readonly causedBy?: string} {
  const together = wentWith(state, since);
  const [first] = together;
  const alone = {text: `Service ${service} is gone: no session for ${age(seconds)}`};
  if (first === undefined || together.length === 1) return alone;
  if (first.key !== key) return {...alone, causedBy: `silence_service:${first.key}`};
  const names = together.map(one => one.service).join(', ');
  return {text: `${together.length} services are gone for ${age(seconds)}: ${names}`};
}

const services: AlertRule = {
  id: 'silence_service',
  when: 'a service of the desk that was connected to PostgreSQL is gone, while the market is open',
  needs: ['sessions'],
  owner: 'platform',
  todo: 'Look at its process and its log, and start it again.',
  limits: {unit: 'times', warn: 1},
  find: (state, limits) => {
    const gone = (state.gone ?? []).flatMap(service => {
      const away = goneFor(state, service);
      return away !== undefined && near(away.times, limits) ? [{service, ...away}] : [];
    });
    const inOrder = gone.toSorted(
      (a, b) => a.service.since - b.service.since || (a.service.key < b.service.key ? -1 : 1),
    );
    const named = inOrder.length > MOST_NAMED ? inOrder.slice(0, MOST_NAMED - 1) : inOrder;
    const more = inOrder.slice(named.length);
    return [
      ...named.flatMap(({service, times, seconds}): readonly AlertFinding[] =>
        measured(times, {
          ...goneText(state, service, seconds),
          subject: service.key,
          since: service.since,
          row: serviceAt(service.key),
          ...(service.service === SYNC_ROLE && {causedBy: 'sync_stopped'}),
        }),
      ),
      ...found(more.length > 0 ? 'warn' : 'ok', {
        subject: 'more',
        text: `${plural(more.length, 'more service is', 'more services are')} gone: ${more.map(({service: {service}}) => service).join(', ')}`,
        causedBy: more[0] && goneText(state, more[0].service, 0).causedBy,
      }),
    ];
  },
};

const fills: AlertRule = {
  id: 'silence_trades',
  when: 'orders are filled, and their trades are not in execution.trades',
  needs: ['unfilled'],
  owner: 'trading',
  todo: 'Look at the execution service: it writes fills, and not their trades.',
  limits: {unit: 'seconds', warn: 15, crit: 120},
  find: ({samples: {unfilled}}) => {
    const [oldest] = unfilled.rows;
    if (oldest === undefined) return [];
    const orders = plural(unfilled.rows.length, 'order is', 'orders are');
    return measured(oldest.seconds, {
      text: `${orders} filled without a trade, ${oldest.orderId} (${oldest.symbol}) for ${age(oldest.seconds)}`,
      since: oldest.updatedAt,
      row: {pane: 'orders', key: oldest.orderId},
    });
  },
};

/** What was there and is no more: channels, symbols, services, trades. */
export const silenceRules: readonly AlertRule[] = [channels, symbols, services, fills];
