import type {Micros} from '../core/time.ts';
import {LOG_LEVELS, type LogLevel, type SystemLogRow} from './log-row.ts';

/** Lines that were given up, by level, and the time of the first of them. */
export type LostLines = {readonly since: Micros; readonly of: Readonly<Partial<Record<LogLevel, number>>>};

/** Log lines that wait, within bounds: without room the oldest of the lowest level go first, and are counted. */
export type LogQueue = {
  readonly add: (row: SystemLogRow) => void;
  /** Removes the oldest `most` lines and gives them. */
  readonly take: (most: number) => readonly SystemLogRow[];
  /** Takes back what could not be written, in front of all others. */
  readonly putBack: (rows: readonly SystemLogRow[]) => void;
  readonly size: () => number;
  /** Counts lines as lost that were taken and given up. */
  readonly lose: (rows: readonly SystemLogRow[]) => void;
  /** What was lost and not reported yet; undefined: nothing. */
  readonly lost: () => LostLines | undefined;
  /** `reported` was told: it counts no longer. */
  readonly told: (reported: LostLines) => void;
};

const MOST_ROWS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

type Waiting = {readonly row: SystemLogRow; readonly number: number};

export function createLogQueue(mostRows: number = MOST_ROWS, mostBytes: number = MOST_BYTES): LogQueue {
  const levels = new Map<LogLevel, Waiting[]>(LOG_LEVELS.map(level => [level, []]));
  const of = (level: LogLevel): Waiting[] => levels.get(level) as Waiting[];
  let [rows, bytes, added] = [0, 0, 0];
  let [lost, since] = [new Map<LogLevel, number>(), 0];
  const lose = (row: SystemLogRow, count = 1): void => {
    if (lost.size === 0) since = row.at;
    lost.set(row.level, (lost.get(row.level) ?? 0) + count);
  };
  const removeFirst = (level: LogLevel): SystemLogRow | undefined => {
    const row = of(level).shift()?.row;
    if (row) [rows, bytes] = [rows - 1, bytes - bytesOf(row)];
    return row;
  };
  const makeRoom = (): void => {
    while (rows > mostRows || bytes > mostBytes) {
      const lowest = LOG_LEVELS.find(level => of(level).length > 0) as LogLevel;
      const row = removeFirst(lowest);
      if (row) lose(row);
    }
  };
  const oldest = (): LogLevel | undefined => {
    let found: LogLevel | undefined;
    for (const level of LOG_LEVELS) {
      const number = of(level)[0]?.number ?? Number.POSITIVE_INFINITY;
      if (number < (found === undefined ? Number.POSITIVE_INFINITY : (of(found)[0]?.number as number))) found = level;
    }
    return found;
  };
  return {
    add: row => {
      of(row.level).push({row, number: added++});
      [rows, bytes] = [rows + 1, bytes + bytesOf(row)];
      makeRoom();
    },
    take: most => {
      const taken: SystemLogRow[] = [];
      for (let level = oldest(); level !== undefined && taken.length < most; level = oldest()) {
        taken.push(removeFirst(level) as SystemLogRow);
      }
      return taken;
    },
    putBack: back => {
      const first = Math.min(0, ...[...levels.values()].map(waiting => waiting[0]?.number ?? 0)) - back.length;
      const numbered = back.map((row, i): Waiting => ({row, number: first + i}));
      for (const level of LOG_LEVELS) of(level).unshift(...numbered.filter(({row}) => row.level === level));
      for (const row of back) [rows, bytes] = [rows + 1, bytes + bytesOf(row)];
      makeRoom();
    },
    size: () => rows,
    lose: given => {
      for (const row of given) lose(row);
    },
    lost: () => (lost.size === 0 ? undefined : {since, of: Object.fromEntries(lost)}),
    told: reported => {
      const left = [...lost].map(([level, count]) => [level, count - (reported.of[level] ?? 0)] as const);
      lost = new Map(left.filter(([, count]) => count > 0));
    },
  };
}

const bytesOf = ({message, context}: SystemLogRow): number => 2 * (message.length + (context?.length ?? 0)) + 300;
