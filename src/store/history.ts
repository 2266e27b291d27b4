import type {Micros} from '../core/time.ts';
import type {HistoryReader} from '../model/past.ts';

/** A number of a pane at a moment: its row and column. */
export type FigureAt = {readonly key: string; readonly column: string; readonly value: number};

/** The past of every number that a pane shows: an hour of it, in bounded memory. */
export type History = HistoryReader & {
  readonly record: (pane: string, figures: readonly FigureAt[], now: Micros) => void;
};

/** A point every five seconds for an hour. */
const EVERY_SECONDS = 5;
const POINTS = 720;
/** Series of numbers, 3 kB each at most. */
const MOST_SERIES = 4000;

/** Lengths of a series' points, as it becomes longer; each divides the last. */
const LENGTHS = [45, 90, 180, 360, POINTS];

/** A number from its first point to its last. It has points of their own, by their slots, once it has changed or was missed. */
type Series = {readonly first: number; last: number; readonly constant: number; points?: Float32Array};

/** `most`: how many numbers have a past; one that has not been recorded for an hour gives its place away. */
export function createNumberHistory({most = MOST_SERIES}: {readonly most?: number} = {}): History {
  const all = new Map<string, Series>();
  const idOf = (pane: string, key: string, column: string) => `${pane}\u0000${column}\u0000${key}`;
  const slotOf = (now: Micros) => Math.floor(now / (EVERY_SECONDS * 1_000_000));
  const place = (id: string, slot: number, value: number): Series | undefined => {
    if (all.size >= most) {
      const [oldest] = all;
      if (oldest === undefined || slot - oldest[1].last < POINTS) return undefined;
      all.delete(oldest[0]);
    }
    const series = {first: slot, last: slot, constant: value};
    all.set(id, series);
    return series;
  };
  return {
    record: (pane, figures, now) => {
      const slot = slotOf(now);
      for (const {key, column, value} of figures) {
        const id = idOf(pane, key, column);
        const series = all.get(id);
        if (series !== undefined) {
          // The map's order is that of their last points.
          all.delete(id);
          all.set(id, series);
        }
        const kept = series ?? place(id, slot, value);
        if (kept !== undefined && slot >= kept.last) write(kept, slot, value);
      }
    },
    past: (pane, key, column, now) => {
      const series = all.get(idOf(pane, key, column));
      if (series === undefined) return undefined;
      const end = slotOf(now);
      const values = Array.from({length: POINTS}, (_, i) => {
        const slot = end - POINTS + 1 + i;
        const value = valueAt(series, slot);
        return Number.isNaN(value) ? undefined : value;
      });
      const first = values.findIndex(value => value !== undefined);
      return first < 0 ? undefined : {values: values.slice(first), everySeconds: EVERY_SECONDS};
    },
  };
}

function write(series: Series, slot: number, value: number): void {
  if (series.points === undefined && slot <= series.last + 1 && value === series.constant) {
    series.last = slot;
    return;
  }
  const first = Math.max(series.first, slot - POINTS + 1);
  const length = LENGTHS.find(points => points > slot - first) ?? POINTS;
  if (series.points?.length !== length) series.points = pointsOf(series, first, length);
  for (let missed = Math.max(series.last + 1, first); missed < slot; missed++) {
    series.points[missed % length] = Number.NaN;
  }
  series.points[slot % length] = value;
  series.last = slot;
}

/** The points of a series from a slot on, in so many places. */
function pointsOf(series: Series, first: number, length: number): Float32Array {
  const points = new Float32Array(length).fill(Number.NaN);
  for (let slot = first; slot <= series.last; slot++) points[slot % length] = valueAt(series, slot);
  return points;
}

/** NaN: there is none. */
function valueAt({first, last, constant, points}: Series, slot: number): number {
  if (slot < first || slot > last || slot <= last - POINTS) return Number.NaN;
  return points === undefined ? constant : (points[slot % points.length] ?? Number.NaN);
}
