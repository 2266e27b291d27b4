/** How a limit is being used up. */
export type Slope = {
  /** Percent of the limit a minute, over the last minutes; undefined: not known yet. */
  readonly slopePercent: number | undefined;
  /** Until all of it is used at that pace; undefined: it does not grow, or all of it is used. */
  readonly breachSeconds: number | undefined;
};

type Point = {readonly ms: number; readonly percent: number};
type Used = {readonly id: string; readonly percent: number | undefined};

/** The slope is that of the straight line closest to the points of this span. */
const SPAN_MS = 5 * 60_000;
/** Less than this says nothing of a trend. */
const LEAST_MS = 60_000;
const MOST_POINTS = 60;

/** Remembers what was used of each limit, and tells how fast it grows. */
export function createSlopes() {
  let memory: ReadonlyMap<string, readonly Point[]> = new Map();
  return {
    /**
     * Takes in a reading at a monotonic time in milliseconds. A limit that is not in it is forgotten, and one that does not
     * `last` has no slope.
     */
    after: <Row extends Used>(
      rows: readonly Row[],
      ms: number,
      lasts: (row: Row) => boolean = () => true,
    ): readonly (Row & Slope)[] => {
      memory = new Map(
        rows.flatMap(row => {
          const {id, percent} = row;
          if (percent === undefined || !lasts(row)) return [];
          const kept = (memory.get(id) ?? []).filter(point => ms - point.ms <= SPAN_MS);
          return [[id, [...kept, {ms, percent}].slice(-MOST_POINTS)] as const];
        }),
      );
      return rows.map(row => ({...row, ...slopeOf(memory.get(row.id) ?? [])}));
    },
  };
}

function slopeOf(points: readonly Point[]): Slope {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.ms - first.ms < LEAST_MS) {
    return {slopePercent: undefined, breachSeconds: undefined};
  }
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [ms, percent] = [mean(point => point.ms), mean(point => point.percent)];
  const rise = mean(point => (point.ms - ms) * (point.percent - percent)) / mean(point => (point.ms - ms) ** 2);
  const slopePercent = Math.round(rise * 60_000 * 100) / 100;
  const left = 100 - last.percent;
  return {slopePercent, breachSeconds: slopePercent > 0 && left > 0 ? (left / slopePercent) * 60 : undefined};
}
