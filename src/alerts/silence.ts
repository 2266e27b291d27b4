import {age, plural} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import {LIMITS, near} from './limits.ts';
import {quietSeconds} from './market.ts';
import {type AlertFinding, type AlertRule, found, measured, type Seen} from './rule.ts';

/** The synchroniser as PostgreSQL knows it: its role. */
const SYNC_ROLE = 'tradetop_sync';

/** So many silent symbols, or services, have an alert of their own. */
const MOST_NAMED = 5;

/** How many times longer than usual something has been silent; undefined: the market is closed. */
function timesUsual(state: Seen, lastAt: Micros, usualSeconds: number) {
  const seconds = quietSeconds(state, Math.max(lastAt, state.bus.link.since));
  return seconds === undefined ? undefined : {seconds, times: seconds / Math.max(usualSeconds, LIMITS.quiet)};
}

/** A service that is gone, by the name under which it publishes. */
const goneId = ({gone = []}: Seen, service: string | undefined): string | undefined => {
  const found = gone.find(one => one.service === service);
  return found && `silence_service:${found.key}`;
};

const channels: AlertRule = {
  id: 'silence_channel',
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
        causedBy: goneId(state, service),
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
    const quiet = (state.bus.quiet ?? []).flatMap(({symbol, lastAt, usualSeconds}) => {
      const silent = timesUsual(state, lastAt, usualSeconds);
      return silent !== undefined && near(silent.times, limits) ? [{symbol, lastAt, ...silent}] : [];
    });
    const causedBy = 'silence_channel:data_sync:market_data';
    const more = quiet.slice(MOST_NAMED);
    return [
      ...quiet.slice(0, MOST_NAMED).flatMap(({symbol, lastAt, seconds, times}) =>
        measured(times, {
          subject: symbol,
          text: `No price of ${symbol} for ${age(seconds)}`,
          since: lastAt,
          causedBy,
        }),
      ),
      ...found(more.length > 0 ? 'warn' : 'ok', {
        subject: 'more',
        text: `No price of ${plural(more.length, 'more symbol')}: ${more.map(({symbol}) => symbol).join(', ')}`,
        causedBy,
      }),
    ];
  },
};

/**
 * How a service is gone: for how long while the market was open, in seconds and in times of what is usual. One that goes
 * alone may only have closed an idle session; several at once have not.
 */
export function goneFor(state: Seen, {since, usualSeconds}: NonNullable<Seen['gone']>[number]) {
  const seconds = quietSeconds(state, since);
  const together = (state.gone ?? []).filter(other => Math.abs(other.since - since) <= TOGETHER).length > 1;
  const least = Math.max(together ? LIMITS.quiet : LIMITS.alone, 3 * usualSeconds);
  return seconds === undefined ? undefined : {seconds, times: seconds / least};
}

/** What goes within this time goes together. */
const TOGETHER: Micros = 10_000_000;

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
    const named = gone.length > MOST_NAMED ? gone.slice(0, MOST_NAMED - 1) : gone;
    const more = gone.slice(named.length);
    return [
      ...named.flatMap(({service: {key, service, since}, times, seconds}): readonly AlertFinding[] =>
        measured(times, {
          subject: key,
          text: `Service ${service} is gone: no session for ${age(seconds)}`,
          since,
          row: {pane: 'health', key: `service:${key}`},
          causedBy: service === SYNC_ROLE ? 'sync_stopped' : undefined,
        }),
      ),
      ...found(more.length > 0 ? 'warn' : 'ok', {
        subject: 'more',
        text: `${plural(more.length, 'more service is', 'more services are')} gone: ${more.map(({service: {service}}) => service).join(', ')}`,
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
    });
  },
};

/** What was there and is no more: channels, symbols, services, trades. */
export const silenceRules: readonly AlertRule[] = [channels, symbols, services, fills];
