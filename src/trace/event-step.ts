import {duration} from '../core/format.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {EntryRow, FillRow, TraceFacts} from './facts.ts';
import {absent, done, type Limit, none} from './place.ts';
import type {Placed} from './step.ts';

/** Clocks of two machines that differ by less are said to agree, in milliseconds. */
const CLOCKS_MS = 1000;
/** A pass over a gap looks at rows that were created so long before and after it, in microseconds. */
const OVERLAP: Micros = 60_000_000;
const WAL = 'WAL:';

/**
 * How a trade came to the synchroniser: by its event on the bus, with its times, its entry of the stream and its worker; by
 * the WAL; or by a repair or a sweep, which is an event that is missing. The worker is known where only one ran then.
 */
export function stepOfEvent(
  entry: EntryRow,
  fill: FillRow | undefined,
  facts: TraceFacts,
  limit: Limit,
): readonly Placed[] {
  const {tradeId: of, source, appliedAt, publishedAt: at, arrival} = entry;
  const by = workerWords(entry, facts);
  if (arrival?.startsWith(WAL) && at !== undefined) {
    const text = `read from the WAL up to ${arrival.slice(WAL.length)}, ${timesOf(entry, 'committed')}${by}`;
    return [inTurn(done('event', {of, text, at, since: fill?.createdAt}, limit), entry)];
  }
  if (source !== 'event') {
    if (facts.workers.rows.some(({mode}) => mode === 'slot')) {
      return [none('event', {of, text: `applied from the WAL, which needs no event${by}`, since: appliedAt})];
    }
    const text = `no event has announced ${of}: ${finderOf(entry, fill, facts)} found it in execution.trades${by}`;
    return [absent('event', {of, text, since: appliedAt})];
  }
  const where = `${of} on data_sync:trades${arrival === undefined ? '' : `, entry ${arrival} of the stream`}`;
  const rowless = entry.rowId === undefined ? '; it was applied before its row was seen' : '';
  if (at === undefined)
    return [done('event', {of, text: `${where}, times not recorded${by}${rowless}`, since: appliedAt})];
  const text = `${where}, ${timesOf(entry, 'published')}${by}${rowless}`;
  return [inTurn(done('event', {of, text, at, since: fill?.executedAt}, limit), entry)];
}

/** Stands between the execution and the ledger, whatever the publisher's clock says. */
function inTurn(step: Placed, {appliedAt}: EntryRow): Placed {
  const executedAt = step.at !== undefined && step.lagMs !== undefined ? step.at - step.lagMs * 1000 : undefined;
  const place = Math.max(executedAt ?? 0, Math.min(step.place, appliedAt ?? step.place));
  return {...step, place};
}

/** How long a trade took from one step of its way to the next; where the clocks of two machines differ, that. */
function timesOf({publishedAt, receivedAt, appliedAt}: EntryRow, first: string): string {
  if (publishedAt === undefined || receivedAt === undefined) return `${first}, when it was received is not recorded`;
  const [way, waited] = [
    (receivedAt - publishedAt) / 1000,
    appliedAt === undefined ? undefined : (appliedAt - receivedAt) / 1000,
  ];
  const clock =
    way < -CLOCKS_MS
      ? `received ${duration(-way)} before that by the worker's clock: the clocks differ`
      : `received ${duration(Math.max(0, way))} later`;
  if (waited === undefined) return `${first}, ${clock}`;
  if (waited < -CLOCKS_MS) return `${first}, ${clock}; it had been applied ${duration(-waited)} before`;
  return `${first}, ${clock}, applied ${duration(Math.max(0, waited))} after that`;
}

/** Who found a trade that no event had announced. */
function finderOf({appliedAt = 0}: EntryRow, fill: FillRow | undefined, {gaps}: TraceFacts): string {
  const createdAt = fill?.createdAt;
  const gap = gaps.rows.find(
    ({startedAt = 0, endedAt = 0, filledAt = Number.POSITIVE_INFINITY}) =>
      createdAt !== undefined &&
      startedAt - OVERLAP <= createdAt &&
      createdAt <= endedAt + OVERLAP &&
      filledAt >= appliedAt,
  );
  if (gap === undefined) return gaps.denied === undefined ? 'a sweep or a rebuild' : 'a repair, a sweep or a rebuild';
  const {id, reason, worker} = gap;
  return reason === 'unexplained'
    ? `a sweep of ${worker} (gap ${id})`
    : `the repair of gap ${id} (${reason}, ${worker})`;
}

/** The worker, where one ran when the trade was applied; of several it was one. */
function workerWords({appliedAt}: EntryRow, {workers}: TraceFacts): string {
  const then: readonly SafeText[] = workers.rows
    .filter(
      ({startedAt = 0, heartbeatAt = 0}) =>
        appliedAt !== undefined && startedAt <= appliedAt && appliedAt <= heartbeatAt,
    )
    .map(({worker}) => worker);
  if (then.length === 0) return '';
  return then.length === 1 ? `, by ${then[0]}` : `, by one of ${then.slice(0, 5).join(', ')}`;
}
