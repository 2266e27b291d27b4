import {plural} from '../core/format.ts';
import {LIMITS, within} from './limits.ts';
import {HEALTH} from './places.ts';
import {type AlertRule, found, type Seen} from './rule.ts';

const reasonOf = ({error}: Seen['bus']['link']): string => (error === undefined ? '' : `: ${error}`);

/** The subscription to the bus, and what it lost or rejected. */
export const busRules: readonly AlertRule[] = [
  {
    id: 'bus_denied',
    when: 'Redis refuses the subscription',
    needs: [],
    owner: 'platform',
    todo: 'Give the user the channels: ACL SETUSER … &data_sync:* +subscribe; tradetop doctor names it.',
    find: ({bus: {link}}) =>
      found(link.state === 'denied' ? 'crit' : 'ok', {
        text: `Redis refuses the subscription${reasonOf(link)}`,
        since: link.since,
        row: HEALTH.bus,
        hides: ['bus'],
      }),
  },
  {
    id: 'bus_down',
    when: 'there is no subscription to the bus, or connecting takes too long',
    needs: [],
    owner: 'platform',
    todo: 'Look at the Redis server; tradetop doctor tries each step of the connection.',
    find: ({at, bus: {link}}) => {
      const slow = link.state === 'connecting' && !within(at, link.since, LIMITS.grace);
      return found(link.state === 'down' || slow ? 'crit' : 'ok', {
        text: `No subscription to the bus${reasonOf(link)}`,
        since: link.since,
        row: HEALTH.bus,
        hides: ['bus'],
      });
    },
  },
  {
    id: 'bus_missed',
    when: 'a trade of execution.trades did not arrive on the bus',
    needs: ['bus', 'trades'],
    owner: 'data',
    todo: 'The synchroniser reads them from the table; look for publishers that do not publish.',
    find: ({at, bus: {missed, lastMissedAt}}) => {
      const recent = lastMissedAt === undefined || within(at, lastMissedAt, LIMITS.notable);
      return found(missed > 0 && recent ? 'warn' : 'ok', {
        text: `${plural(missed, 'trade')} in execution.trades did not arrive on the bus`,
        since: lastMissedAt,
        row: HEALTH.bus,
      });
    },
  },
  {
    id: 'bus_rejected',
    when: 'a message on the bus was rejected',
    needs: ['bus'],
    owner: 'data',
    todo: 'Press x to read the messages; the service that publishes them has to be corrected.',
    find: ({at, bus: {rejected, lastReject: last}}) =>
      last !== undefined && within(at, last.at, LIMITS.recent)
        ? found('warn', {
            text: `${plural(rejected, 'message')} rejected; the last on ${last.channel}: ${last.detail}`,
            since: last.at,
            row: {list: {kind: 'rejects'}},
          })
        : [],
  },
];
