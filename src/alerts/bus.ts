import {plural} from '../core/format.ts';
import {type AlertFinding, found, judge, LIMITS, type Seen, within} from './finding.ts';

/** The bus, what it lost or brought broken, and the Redis behind it. */
export function busAlerts(state: Seen): readonly AlertFinding[] {
  return [...linkAlerts(state), ...flowAlerts(state), ...redisAlerts(state)];
}

function linkAlerts({at, bus: {link}}: Seen): readonly AlertFinding[] {
  const reason = link.error === undefined ? '' : `: ${link.error}`;
  if (link.state === 'denied') {
    return [{id: 'bus_denied', severity: 'crit', text: `Redis refuses the subscription${reason}`, since: link.since}];
  }
  const slow = link.state === 'connecting' && !within(at, link.since, LIMITS.grace);
  return link.state === 'down' || slow
    ? [{id: 'bus_down', severity: 'crit', text: `No subscription to the bus${reason}`, since: link.since}]
    : [];
}

function flowAlerts({at, bus}: Seen): readonly AlertFinding[] {
  const missed = bus.missed > 0 && (bus.lastMissedAt === undefined || within(at, bus.lastMissedAt, LIMITS.notable));
  const rejected = bus.lastReject !== undefined && within(at, bus.lastReject.at, LIMITS.recent);
  return [
    ...found(missed ? 'warn' : 'ok', {
      id: 'bus_missed',
      text: `The bus did not bring ${plural(bus.missed, 'trade')} that the table has`,
      since: bus.lastMissedAt,
    }),
    ...found(rejected ? 'warn' : 'ok', {
      id: 'bus_rejected',
      text: [
        `${plural(bus.rejected, 'message')} not taken`,
        `the last, on ${bus.lastReject?.channel}: ${bus.lastReject?.detail}`,
      ].join('; '),
      since: bus.lastReject?.at,
    }),
  ];
}

function redisAlerts({at, bus, samples: {redis}}: Seen): readonly AlertFinding[] {
  const row = redis.rows[0];
  // When the subscription is gone as well, that says it.
  if (redis.state === 'down' && bus.link.state === 'ready') {
    const text = `Redis does not answer commands: ${redis.failure?.message ?? ''}`;
    return [{id: 'redis_down', severity: 'crit', text, since: redis.failingSince}];
  }
  if (redis.state === 'denied' && bus.link.state !== 'denied') {
    const text = `Redis does not tell us its state: ${redis.failure?.message ?? ''}`;
    return [{id: 'redis_denied', severity: 'warn', text, since: redis.failingSince}];
  }
  if (redis.state !== 'ok' || !row) return [];
  const share = row.maxMemoryBytes > 0 ? row.memoryBytes / row.maxMemoryBytes : 0;
  const recently = (then: number | undefined) => (within(at, then, LIMITS.recent) ? 'warn' : 'ok');
  return [
    ...found(judge(share, LIMITS.redisMemory), {
      id: 'redis_memory',
      text: `Redis uses ${Math.floor(share * 100)} % of its memory limit`,
    }),
    ...found(recently(row.lastEvictionAt), {
      id: 'redis_evicting',
      text: `Redis evicts keys for want of memory: ${row.evicted} so far`,
      since: row.lastEvictionAt,
    }),
    ...found(recently(row.lastCutAt), {
      id: 'redis_cut',
      text: `Redis cut off a client that read too slowly: ${row.outputBufferCuts} so far`,
      since: row.lastCutAt,
    }),
    ...found(within(at, row.restartedAt, LIMITS.notable) ? 'warn' : 'ok', {
      id: 'redis_restart',
      text: 'Redis was restarted',
      since: row.restartedAt,
    }),
  ];
}
