import type {Io, Raw} from '../io/io.ts';
import type {Clock} from './clock.ts';
import {blind} from './source-error.ts';
import type {Extension} from './statements-extension.ts';
import type {Counters} from './statements-fold.ts';
import {statementKey} from './statements-texts.ts';

const SQL = 'monitor/statements';
/** The limit in the statement itself. @internal */
export const MOST_ENTRIES = 10_000;
/** Entries are told apart by the lowest bits of their queryids, which are hashes, into so many buckets at most. */
const [LEAST_BUCKETS, MOST_BUCKETS] = [16, 1024];
const ENTRIES_A_BUCKET = 4;
/** Share of the buckets that is asked for where it is not known how much has changed, and how far the server is. */
const FIRST_SHARE = 1 / 16;
/** An answer within so long, in milliseconds, came from near: everything is asked for at once. */
const NEAR_MS = 100;
/** From far away an answer has so many entries at first (60 kB), then more or fewer by how long it took, in milliseconds. */
const [FIRST_ENTRIES, LEAST_ENTRIES, FAR_ENTRIES] = [400, 100, 3200];
const [SHORT_MS, LONG_MS] = [700, 1500];
/** A text is at most as long as so many entries, and seldom longer than one. */
const ENTRIES_A_TEXT = 8;
/** So long a reading asks for further parts, in milliseconds; the next reading goes on. */
const PARTS_MS = 2500;

/** Counters, with what finds out whether the server has newer ones. */
type Entry = Counters & {readonly digest: number; readonly place: number};

/** Counters from rows. Without a schema: there are thousands. @internal */
export const countersOf = (raws: readonly Raw[]): readonly Entry[] =>
  raws.map(r => ({
    key: statementKey(r),
    queryid: String(r.queryid),
    toplevel: r.toplevel === true,
    calls: Number(r.calls),
    totalMs: Number(r.total_ms),
    maxMs: Number(r.max_ms),
    rows: Number(r.rows),
    hit: Number(r.hit),
    read: Number(r.read),
    since: typeof r.since === 'string' ? r.since : undefined,
    digest: Number(r.digest),
    place: Number(BigInt.asUintN(10, BigInt(String(r.queryid)))),
  }));

/** Every entry of pg_stat_statements. `mostTexts`: of so many the texts can be asked for at once. */
export type StatementEntries = {readonly entries: readonly Counters[]; readonly mostTexts: number};

/** Reads what has changed since the call before. Undefined: there is more, which the next call reads. */
export type ReadEntries = (io: Io, extension: Extension, clock: Clock) => Promise<StatementEntries | undefined>;

/**
 * Keeps the entries. The server is told the sum of digests of each bucket and sends the buckets that have another one: of
 * thousands of entries a few are called between two readings. From far away it is asked for one part of them after the
 * other. Rejects with the driver's error, or with a SourceError where rights are missing.
 */
export function createEntries(): ReadEntries {
  let places: readonly (readonly Entry[])[] = Array.from({length: MOST_BUCKETS}, () => []);
  let [buckets, next, share, most] = [MOST_BUCKETS, 0, FIRST_SHARE, FIRST_ENTRIES];
  const readPart = async (io: Io, {variant, names, role}: Extension): Promise<void> => {
    const end = Math.min(buckets, next + Math.max(1, Math.floor(share * buckets)));
    const sums = sumsOf(places.flat(), buckets).map((sum, bucket) => (bucket >= next && bucket < end ? sum : null));
    let took = 0;
    const [asked, fitted] = [share, most];
    // Where it fails there may have been too much of it.
    [share, most] = [Math.min(asked, FIRST_SHARE), Math.min(fitted, FIRST_ENTRIES)];
    const raws = await io.query(SQL, [sums], {variant, names, timed: ms => (took = ms)});
    if (raws.some(r => r.userid !== null && r.queryid === null)) throw blind(role);
    places = withBuckets(places, buckets, raws);
    next = end;
    most = mostAfter(took, fitted);
    share = Math.min(1, (asked * most) / Math.max(1, raws.length));
  };
  return async (io, extension, clock) => {
    const began = clock.ticks();
    do await readPart(io, extension);
    while (next < buckets && clock.ticks() - began < PARTS_MS);
    if (next < buckets) return undefined;
    const entries = places.flat();
    next = 0;
    buckets = bucketsFor(entries.length);
    return {entries, mostTexts: Math.ceil(most / ENTRIES_A_TEXT)};
  };
}

/** Entries to ask for after an answer that took so long. */
function mostAfter(ms: number, most: number): number {
  if (ms <= NEAR_MS) return Number.POSITIVE_INFINITY;
  if (most === Number.POSITIVE_INFINITY) return FIRST_ENTRIES;
  return ms < SHORT_MS ? Math.min(FAR_ENTRIES, most * 2) : ms > LONG_MS ? Math.max(LEAST_ENTRIES, most / 2) : most;
}

const bucketsFor = (entries: number): number =>
  Math.min(MOST_BUCKETS, Math.max(LEAST_BUCKETS, 2 ** Math.ceil(Math.log2(entries / ENTRIES_A_BUCKET + 1))));

function sumsOf(entries: readonly Entry[], buckets: number): readonly number[] {
  const sums = new Array<number>(buckets).fill(0);
  for (const {place, digest} of entries) sums[place % buckets] = (sums[place % buckets] ?? 0) + digest;
  return sums;
}

/** The entries with the answer's buckets, each of which comes whole; one that has become empty is a row without an entry. */
function withBuckets(places: readonly (readonly Entry[])[], buckets: number, raws: readonly Raw[]) {
  const changed = new Set(raws.map(r => Number(r.bucket)));
  const kept = places.map((entries, place) => (changed.has(place % buckets) ? [] : entries));
  const added = kept.map(entries => [...entries]);
  for (const entry of countersOf(raws.filter(r => r.userid !== null))) added[entry.place]?.push(entry);
  return added;
}
