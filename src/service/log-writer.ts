import {failureOf} from '../core/errors.ts';
import {quietly} from '../core/quietly.ts';
import {nowMicros} from '../core/time.ts';
import {createLogQueue, type LogQueue, type LostLines} from './log-queue.ts';
import {LOG_LEVELS, type SystemLogRow} from './log-row.ts';

/** What became of the lines so far. */
export type LogCounts = {readonly written: number; readonly waiting: number; readonly lost: number};

type LogWriter = {
  readonly add: (row: SystemLogRow) => void;
  /** Tries once to write everything that waits. Never rejects. */
  readonly flush: () => Promise<void>;
  readonly counts: () => LogCounts;
  /** Writes what waits, for at most `limitMs`. Gives how many lines are lost for good. */
  readonly close: (limitMs: number) => Promise<number>;
};

export type LogWriterOptions = {
  /** The name under which the writer reports lines that it lost. */
  readonly service: string;
  /** Writes rows, all or none. Rejects with the driver's error. */
  readonly write: (rows: readonly SystemLogRow[]) => Promise<unknown>;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
};

const BATCH = 1000;
/** So many lines that wait are written at once. */
const HURRY = 500;
const LONGEST_MS = 10_000;
const DENIED_MS = 60_000;

/** SQLSTATEs of rows that the table does not take, whatever is around them. */
const REFUSED = /^(?:22|23|54)/;

/**
 * Writes log lines in batches beside the service's work: nothing waits for it, and nothing throws. While the database does not
 * take them they wait, within the bounds of the queue. A batch whose answer was lost is written again, so that a line may stand twice.
 */
export function createLogWriter({service, write, everyMs, onError}: LogWriterOptions): LogWriter {
  const queue = createLogQueue();
  let [written, lost, flying, waitMs, closed] = [0, 0, 0, 0, false];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const later = (ms: number): void => {
    if (closed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms).unref();
  };
  const drain = async (): Promise<void> => {
    try {
      while (queue.size() > 0 || queue.lost()) {
        if (queue.size() > 0) {
          const rows = queue.take(BATCH);
          flying = rows.length;
          await writeParts(queue, rows, write, count => (written += count));
          flying = 0;
        }
        lost += await reportLost(queue, service, write);
      }
      waitMs = 0;
    } catch (error) {
      flying = 0;
      // A right that lacks comes by nobody's waiting: each try is a line in the server's log.
      waitMs = failureOf(error).retry ? Math.min(LONGEST_MS, Math.max(everyMs, waitMs * 2)) : DENIED_MS;
      quietly(() => onError(error));
      later(waitMs);
    }
  };
  const flush = (): Promise<void> => {
    writing ??= drain().finally(() => {
      writing = undefined;
    });
    return writing;
  };
  return {
    add: row => {
      queue.add(row);
      if (queue.size() >= HURRY && waitMs === 0 && writing === undefined && !closed) void flush();
      else later(Math.max(everyMs, waitMs));
    },
    flush,
    counts: () => ({written, waiting: queue.size() + flying, lost: lost + total(queue.lost())}),
    close: async limitMs => {
      closed = true;
      clearTimeout(timer);
      const late = new Promise<void>(done => setTimeout(done, limitMs).unref());
      // What was on its way, then what came meanwhile.
      await Promise.race([flush().then(flush), late]);
      return lost + total(queue.lost()) + queue.size() + flying;
    },
  };
}

type Write = LogWriterOptions['write'];

/**
 * Writes a batch, without the rows that the table itself refuses: those are found by halves, and lost. What the
 * database did not take goes back to the queue; then it throws the driver's error.
 */
async function writeParts(
  queue: LogQueue,
  rows: readonly SystemLogRow[],
  write: Write,
  onWritten: (rows: number) => void,
): Promise<void> {
  const parts = [rows];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    try {
      await write(part);
      onWritten(part.length);
    } catch (error) {
      if (!REFUSED.test(failureOf(error).sqlstate ?? '')) {
        queue.putBack([part, ...parts.reverse()].flat());
        throw error;
      }
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) parts.push(part.slice(half), part.slice(0, half));
      else queue.lose(part);
    }
  }
}

/** Writes a row about the lines that were lost, where there are some, and gives how many. */
async function reportLost(queue: LogQueue, service: string, write: Write): Promise<number> {
  const reported = queue.lost();
  if (!reported) return 0;
  await write([lostRow(service, reported)]);
  queue.told(reported);
  return total(reported);
}

const total = (lines: LostLines | undefined): number =>
  Object.values(lines?.of ?? {}).reduce((sum, count) => sum + count, 0);

function lostRow(service: string, lines: LostLines): SystemLogRow {
  const count = total(lines);
  const of = LOG_LEVELS.flatMap(level => (lines.of[level] ? [`${lines.of[level]} ${level}`] : [])).join(', ');
  return {
    at: nowMicros(),
    service: service.slice(0, 50),
    level: 'WARNING',
    eventType: 'log_lines_lost',
    message: `${count} log ${count === 1 ? 'line was' : 'lines were'} lost (${of}): the database did not take them in time.`,
    correlationId: null,
    context: JSON.stringify({lost: lines.of, since: new Date(lines.since / 1000).toISOString()}),
  };
}
