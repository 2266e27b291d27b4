import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {halved, isTooSlow} from './isolate.ts';
import {isPoison} from './quarantine.ts';
import type {Runner} from './session.ts';

/** A row that cannot be marked, for a reason of its own. */
export type Unmarkable = {readonly table: string; readonly id: string; readonly error: SafeText};

type MarkOptions = {
  /** Rests after each chunk for as long as it took, so that other work has half of the server's time. Default: no rest. */
  readonly rests?: boolean;
  /** Ends the pass after the present chunk. */
  readonly signal?: AbortSignal;
  /** Hears how many positions and views are due and not marked yet, as often as that changes. */
  readonly onBehind?: (rows: number) => void;
  readonly onUnmarkable?: (row: Unmarkable) => void;
};

const TABLES = {
  positions: {name: 'execution.positions', statement: 'sync/mark_positions'},
  views: {name: 'analytics.portfolio_summary', statement: 'sync/mark_views'},
} as const;
type Kind = keyof typeof TABLES;

/** Most rows of a kind that are known at once. */
const PAGE = 20_000;
/** To find what is due may take longer than to mark a chunk of it: it locks nothing. */
const FIND_TIMEOUT = '60s';
/** Rows of a chunk, and the milliseconds that it may keep them locked: on a slow server chunks become smaller. */
const CHUNK = {first: 100, fewest: 10, most: 500, ms: 40} as const;

/**
 * Marks the positions of these symbols (null: of all), and the portfolio's views of them, to the last prices, in chunks
 * that are a transaction each. Every row has its turn, however often prices change meanwhile. Gives the symbols of which
 * some row was locked by another transaction, to be tried again. A row at fault stops no other. Throws errors that are no
 * row's fault; what is marked by then stays.
 */
export async function markDue(
  db: Runner,
  symbols: readonly string[] | null,
  {rests = false, signal, onBehind = () => {}, onUnmarkable = () => {}}: MarkOptions = {},
): Promise<readonly string[]> {
  const last: Record<Kind, string | null> = {positions: null, views: null};
  const skipped = new Set<string>();
  const size = createChunkSize();
  // Rows of earlier pages that were skipped or are at fault.
  let left = 0;
  let page: readonly Page[];
  do {
    page = await findDue(db, symbols, last);
    let behind = left + (page[0]?.due ?? 0);
    onBehind(behind);
    for (const {kind, ids} of page) {
      last[kind] = ids.at(-1) ?? null;
      left += ids.length;
      for (let at = 0; at < ids.length && !signal?.aborted; ) {
        const chunk = ids.slice(at, at + size.now());
        at += chunk.length;
        const start = performance.now();
        const done = await markChunk(db, kind, chunk, onUnmarkable);
        const tookMs = performance.now() - start;
        size.took(tookMs);
        for (const symbol of done.skipped) skipped.add(symbol);
        left -= done.marked;
        behind -= done.marked;
        onBehind(behind);
        if (rests) await delay(tookMs, undefined, {signal}).catch(() => {});
      }
    }
  } while (page.some(({ids}) => ids.length === PAGE) && !signal?.aborted);
  return [...skipped];
}

type Page = {readonly kind: Kind; readonly ids: readonly string[]; readonly due: number};

async function findDue(
  db: Runner,
  symbols: readonly string[] | null,
  last: Readonly<Record<Kind, string | null>>,
): Promise<readonly Page[]> {
  const rows = await db.transaction(async ask => {
    await ask('sync/statement_timeout', [FIND_TIMEOUT]);
    return ask('sync/marks_due', [symbols, last.positions, last.views, PAGE]);
  });
  // The ids as PostgreSQL writes an array of numbers: {1,2,3}.
  return rows.map(row => ({
    kind: row.kind as Kind,
    ids: String(row.ids).slice(1, -1).split(','),
    due: Number(row.due),
  }));
}

type Marked = {readonly marked: number; readonly skipped: readonly string[]};

/** As with batches: where a row is at fault, or the time is not enough for all, they are halved. */
async function markChunk(
  db: Runner,
  kind: Kind,
  ids: readonly string[],
  onUnmarkable: (row: Unmarkable) => void,
): Promise<Marked> {
  const {name, statement} = TABLES[kind];
  try {
    // No BEGIN and COMMIT: it commits within the server, and no dead path keeps rows locked.
    const rows = await db.query(statement, [`{${ids.join()}}`]);
    return {
      marked: rows.reduce((sum, row) => sum + Number(row.marked), 0),
      skipped: rows.filter(row => Number(row.skipped) > 0).map(row => String(row.symbol)),
    };
  } catch (error) {
    if (!isPoison(error) && !isTooSlow(error)) throw error;
    const [id] = ids;
    if (ids.length === 1 && id !== undefined) {
      onUnmarkable({table: name, id, error: sanitise(failureOf(error).message, 300)});
      return {marked: 0, skipped: []};
    }
    const [left, right] = halved(ids);
    const first = await markChunk(db, kind, left, onUnmarkable);
    const second = await markChunk(db, kind, right, onUnmarkable);
    return {marked: first.marked + second.marked, skipped: [...first.skipped, ...second.skipped]};
  }
}

function createChunkSize() {
  let size: number = CHUNK.first;
  return {
    now: () => size,
    /** The last chunk took so many milliseconds: the next one may at most be twice as large. */
    took: (ms: number): void => {
      const fitting = Math.floor(size * Math.min(2, CHUNK.ms / Math.max(ms, 1)));
      size = Math.min(CHUNK.most, Math.max(CHUNK.fewest, fitting));
    },
  };
}
