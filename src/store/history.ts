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
/** Series of numbers, 3 kB each. */
const MOST_SERIES = 4000;

type Series = {readonly points: Float32Array; last: number};

/** `most`: how many numbers have a past; one that has not been recorded for an hour gives its place away. */
export function createNumberHistory({most = MOST_SERIES}: {readonly most?: number} = {}): History {
  const all = new Map<string, Series>();
  const idOf = (pane: string, key: string, column: string) => `${pane}\u0000${column}\u0000${key}`;
  const slotOf = (now: Micros) => Math.floor(now / (EVERY_SECONDS * 1_000_000));
  const place = (id: string, slot: number): Series | undefined => {
    if (all.size >= most) {
      const [oldest] = all;
      if (oldest === undefined || slot - oldest[1].last < POINTS) return undefined;
      all.delete(oldest[0]);
    }
    const series = {points: new Float32Array(POINTS).fill(Number.NaN), last: slot};
    all.set(id, series);
    return series;
  };
  const write = (series: Series, slot: number, value: number): void => {
    const missed = Math.min(slot - series.last, POINTS);
    for (let i = 1; i < missed; i++) series.points[(series.last + i) % POINTS] = Number.NaN;
    series.points[slot % POINTS] = value;
    series.last = slot;
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
        const kept = series ?? place(id, slot);
        if (kept !== undefined && slot >= kept.last) write(kept, slot, value);
      }
    },
    past: (pane, key, column, now) => {
      const series = all.get(idOf(pane, key, column));
      if (series === undefined) return undefined;
      const end = slotOf(now);
      const values = Array.from({length: POINTS}, (_, i) => {
        const slot = end - POINTS + 1 + i;
        const value = slot > series.last || slot <= series.last - POINTS ? Number.NaN : series.points[slot % POINTS];
        return value === undefined || Number.isNaN(value) ? undefined : value;
      });
      const first = values.findIndex(value => value !== undefined);
      return first < 0 ? undefined : {values: values.slice(first), everySeconds: EVERY_SECONDS};
    },
  };
}
