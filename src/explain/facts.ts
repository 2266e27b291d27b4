import {compact} from '../core/format.ts';

/** A table that a plan reads whole to find some of its rows. */
export type WholeScan = {
  readonly table: string;
  /** Rows that the planner expects to find. */
  readonly rows: number;
  readonly filter: string;
};

/** A smaller table is read faster than an index. */
const LEAST_ROWS = 10_000;
/** Where more than this share of the rows is wanted, reading all of them is right. */
const MOST_SHARE = 0.1;

const SCAN = /Seq Scan on ([\w$.]+)(?: [\w$]+)? {2}\(.*\brows=(\d+)/;
const FILTER = /^\s*Filter: (.+)$/;

/** The sequential scans with a filter in a plan's text. */
export function wholeScans(plan: readonly string[]): readonly WholeScan[] {
  return plan.flatMap((line, i) => {
    const [, table, rows] = SCAN.exec(line) ?? [];
    const [, filter] = FILTER.exec(plan[i + 1] ?? '') ?? [];
    return table === undefined || filter === undefined ? [] : [{table, rows: Number(rows), filter}];
  });
}

/**
 * What is certain of these scans: a large table is read whole for few rows, and whether an index begins with a column of the
 * filter. Whether one would help is for people to judge.
 */
export function factsOf(
  scans: readonly WholeScan[],
  tables: readonly Readonly<Record<string, unknown>>[],
): readonly string[] {
  return scans.flatMap(({table, rows, filter}) => {
    const found = tables.find(({name}) => name === table);
    const all = Number(found?.rows ?? 0);
    if (found === undefined || all < LEAST_ROWS || rows > all * MOST_SHARE) return [];
    const words = new Set(filter.match(/\w+/g));
    const indexed = String(found.first_columns ?? '')
      .split(',')
      .some(column => words.has(column));
    const index = indexed ? '' : '; no index of it begins with a column of the filter';
    return [`${table} is read whole, about ${compact(all)} rows, for about ${compact(rows)}: ${filter}${index}`];
  });
}
