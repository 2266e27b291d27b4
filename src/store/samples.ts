import type {Failure} from '../core/errors.ts';
import type {Micros} from '../core/time.ts';
import type {SampleId, Samples, SourceId} from '../model/state.ts';
import * as pollers from '../monitor/index.ts';
import type {Held, Sample} from '../monitor/sample.ts';

/** Rows this many intervals old are stale. */
const STALE_INTERVALS = 3;

/** A source before its first reading. @internal */
export const NOTHING_HELD: Held<never> = Object.freeze({
  state: 'waiting',
  at: undefined,
  rows: Object.freeze([]),
  ms: 0,
  failure: undefined,
  failingSince: undefined,
  retryAt: undefined,
});

/** Whether a source of alerts is a sample. */
export const isSample = (id: SourceId): id is SampleId => id !== 'bus' && id !== 'checks';

/**
 * All samples before their first readings.
 * @internal
 */
export const waitingSamples = (): Samples =>
  Object.fromEntries(
    Object.values(pollers)
      .flatMap(({ids}): readonly SampleId[] => ids)
      .map(id => [id, NOTHING_HELD]),
  ) as unknown as Samples;

/**
 * Takes in a reading. A failure keeps the last good rows and says why there are no newer ones, and since when; the next
 * good reading ends it.
 * @internal
 */
export function holdSample<Row>(previous: Held<Row>, sample: Sample<Row>, now: Micros = sample.at): Held<Row> {
  if (!sample.ok) {
    return {
      ...previous,
      state: stateOf(sample.failure),
      failure: sample.failure,
      failingSince: previous.failingSince ?? sample.at,
      retryAt: sample.retryAt,
      lastFailure: {at: sample.at, failure: sample.failure},
    };
  }
  const held: Held<Row> = {
    state: sample.rows.length > 0 ? 'ok' : 'empty',
    at: sample.at,
    rows: sample.rows,
    ms: sample.ms,
    failure: undefined,
    failingSince: undefined,
    retryAt: undefined,
    staleAt: sample.everyMs === undefined ? undefined : sample.at + sample.everyMs * 1000 * STALE_INTERVALS,
    lastFailure: previous.lastFailure,
  };
  return ageSample(held, now);
}

function stateOf({why}: Failure): Held<never>['state'] {
  if (why === 'denied') return 'denied';
  return why === 'unsupported' || why === 'not_set_up' ? 'unsupported' : 'down';
}

/**
 * The same at `now`: good rows become stale when no newer ones come. Gives the same object when nothing changes.
 * @internal
 */
export const ageSample = <Row>(held: Held<Row>, now: Micros): Held<Row> =>
  (held.state === 'ok' || held.state === 'empty') && held.staleAt !== undefined && now > held.staleAt
    ? {...held, state: 'stale'}
    : held;

/** All samples at `now`. Gives the same object when none became stale. */
export function ageAll(samples: Samples, now: Micros): Samples {
  const ids = Object.keys(samples) as SampleId[];
  const aged = ids.filter(id => ageSample<unknown>(samples[id], now) !== samples[id]);
  if (aged.length === 0) return samples;
  return {...samples, ...Object.fromEntries(aged.map(id => [id, ageSample<unknown>(samples[id], now)]))};
}

/**
 * All samples after the pace of some has changed: what is read seldom becomes stale later, and what is not read any more
 * does not. `everyMs`: the interval, in milliseconds; undefined: they are not read.
 * @internal
 */
export function paceIn(samples: Samples, ids: readonly SampleId[], everyMs: number | undefined): Samples {
  const paced = (held: Held<unknown>): Held<unknown> => {
    if (everyMs === undefined) return {...held, staleAt: undefined, asleep: true};
    if (held.at === undefined || held.staleAt === undefined) return held;
    return {...held, staleAt: Math.max(held.staleAt, held.at + everyMs * 1000 * STALE_INTERVALS)};
  };
  return {...samples, ...Object.fromEntries(ids.map(id => [id, paced(samples[id])]))};
}

/**
 * All samples after one reading.
 * @internal
 */
export const holdIn = <Id extends SampleId>(
  samples: Samples,
  id: Id,
  sample: Sample<Samples[Id]['rows'][number]>,
): Samples => ({...samples, [id]: holdSample<Samples[Id]['rows'][number]>(samples[id], sample)});

/** Holds all samples: takes in readings, and how often each sample is read. */
export function createHolder() {
  let samples = waitingSamples();
  const asleep = new Set<SampleId>();
  return {
    samples: (): Samples => samples,
    record: (id: SampleId, sample: Sample<unknown>): void => {
      samples = holdIn(samples, id, sample as never);
      // A reading that was under way when its poller went to rest.
      if (asleep.has(id)) samples = paceIn(samples, [id], undefined);
    },
    pace: (ids: readonly SampleId[], everyMs: number | undefined): void => {
      for (const id of ids) {
        if (everyMs === undefined) asleep.add(id);
        else asleep.delete(id);
      }
      samples = paceIn(samples, ids, everyMs);
    },
  };
}
