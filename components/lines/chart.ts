import asciichart from 'asciichart';
import {compact, count, decimal} from '../../src/core/format.ts';
import {cells, pad} from '../../src/core/width.ts';
import type {Line} from './theme.ts';

type ChartProps = {
  /** Oldest first; undefined: not known. At least one is known. */
  readonly values: readonly (number | undefined)[];
  /** In cells, with the axis. */
  readonly width: number;
  /** Lines of the chart, without the axis of times. */
  readonly height: number;
  /** The times at the left and at the right end. */
  readonly from: string;
  readonly to: string;
};

/** A curve with its axes: values at the left, times below. Several values in one cell are averaged; gaps stay empty. */
export function chartLines({values, width, height, from, to}: ChartProps): readonly Line[] {
  const known = values.filter(value => value !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  // A constant is drawn in the middle.
  const air = least === most ? Math.abs(least) / 10 || 1 : 0;
  const [low, high] = [least - air, most + air];
  const label = widestLabel(low, high);
  const room = Math.max(2, width - label - AXIS);
  const columns = squeeze(values, room);
  const steps = Math.max(1, height - 1);
  const scaled = columns.map(value => (value === undefined ? undefined : ((value - low) / (high - low)) * steps));
  const curve = filled(scaled);
  // The last point has no segment of its own.
  const drawn = asciichart.plot([0, steps, ...curve, curve.at(-1) ?? 0], {
    height: steps,
    format: at => pad(axisLabel(low + (at / steps) * (high - low)), label, 'right'),
  });
  const rows = drawn.split('\n').map((row): Line => {
    // The first two values only fix the scale.
    const plot = [...row.slice(label + AXIS + 2, label + AXIS + 2 + scaled.length)]
      .map((char, i) => (scaled[i] === undefined ? ' ' : char))
      .join('');
    return [
      [`${row.slice(0, label)} ┤`, 'faint'],
      [plot, 'accent'],
    ];
  });
  const gap = Math.max(1, columns.length - cells(from) - cells(to));
  return [...rows, [[`${' '.repeat(label)} └${from}${'─'.repeat(gap)}${to}`, 'faint']]];
}

// Cells between a label and the curve: a space and the axis.
const AXIS = 2;

/**
 * At most `room` values: the means of as many neighbours as it takes. A gap that is as long as they are is seen, also where it
 * takes a part of two of them.
 */
function squeeze(values: readonly (number | undefined)[], room: number): readonly (number | undefined)[] {
  const each = Math.ceil(values.length / room);
  const hidden = gapsIn(values, each);
  return Array.from({length: Math.ceil(values.length / each)}, (_, i) => {
    const part = values.slice(i * each, (i + 1) * each).filter(value => value !== undefined);
    if (part.length === 0 || hidden.has(i)) return undefined;
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** The cells, of `each` values, that most of a gap falls in which fills none. */
function gapsIn(values: readonly (number | undefined)[], each: number): ReadonlySet<number> {
  const cellsOf = new Set<number>();
  for (let from = 0; from < values.length; from++) {
    let to = from;
    while (to < values.length && values[to] === undefined) to++;
    const [first, last] = [Math.floor(from / each), Math.floor((to - 1) / each)];
    if (to - from >= each && last === first + 1 && from % each > 0 && to % each > 0) {
      cellsOf.add((first + 1) * each - from >= to - last * each ? first : last);
    }
    from = to;
  }
  return cellsOf;
}

/** Gaps get the value before them, so that they can be drawn; they are erased afterwards. */
function filled(values: readonly (number | undefined)[]): readonly number[] {
  let last = values.find(value => value !== undefined) ?? 0;
  return values.map(value => {
    last = value ?? last;
    return last;
  });
}

const widestLabel = (low: number, high: number): number =>
  Math.max(...Array.from({length: 5}, (_, i) => cells(axisLabel(low + ((high - low) * i) / 4)))) + 1;

const axisLabel = (n: number): string =>
  Math.abs(n) >= 1e6 ? compact(n) : Math.abs(n) >= 100 ? count(n) : decimal(n, 2);
