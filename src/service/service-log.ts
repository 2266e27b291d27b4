import {AsyncLocalStorage} from 'node:async_hooks';
import type pg from 'pg';
import pino, {type Logger} from 'pino';
import {quietly} from '../core/quietly.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import {type AccountMasking, createAccountMask} from '../io/account-mask.ts';
import {readStatement} from '../io/sql.ts';
import {logColumns, logRow, WORK_ID} from './log-row.ts';
import {createLogWriter, type LogCounts} from './log-writer.ts';

export type ServiceLogOptions = {
  /** The service's name in the log, at most 50 characters. A line's own field `service` overrides it. */
  readonly service: string;
  /** The least level that is logged. Default: info. */
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Also gets every line, as JSON, and with its secrets: a file, or stderr. */
  readonly also?: {readonly write: (line: string) => unknown};
  /**
   * Account ids in its lines are masked: in fields named account, account_id and so on, and the same ids wherever else they stand. For
   * `hash` a function that gives the key. Default: they are not.
   */
  readonly maskAccounts?: AccountMasking | undefined;
  /** Between two writings, in milliseconds. Default: 1,000. */
  readonly everyMs?: number;
  /** Called when the database did not take a batch, which is tried again. */
  readonly onError?: (error: unknown) => void;
};

/** The log of a service: lines of a pino logger become rows of logging.system_logs. */
export type ServiceLog = {
  /**
   * A pino logger. Its levels become those of the table (trace: DEBUG, warn: WARNING, fatal: CRITICAL). The fields
   * `event_type` and `correlation_id` have columns of their own; all others are the row's context.
   */
  readonly logger: Logger;
  /** Takes the lines of a pino of one's own: `pino({…}, log.stream)`. */
  readonly stream: {readonly write: (line: string) => void};
  /** Runs `use`: every line that it logs, however deep or late, has this correlation id unless it names another. */
  readonly withCorrelation: <T>(id: string, use: () => T) => T;
  /** The id of the work that runs now; undefined: none was given. */
  readonly correlationId: () => string | undefined;
  readonly counts: () => LogCounts;
  /** Tries once to write everything that waits. Never rejects. */
  readonly flush: () => Promise<void>;
  /**
   * Writes what waits, for at most `limitMs` (default 2,000), and ends. Gives the number of lines that were lost since the
   * start. Call it before the pool is closed.
   */
  readonly close: (limitMs?: number) => Promise<number>;
};

const ANSWER_MS = 10_000;
const EVERY_MS = 1000;

/**
 * Makes the log of a service, which writes through `pool` to logging.system_logs in batches. It never throws and no line waits
 * for the database. While the database is away, at most 10,000 lines or 16 MB wait, the oldest of the lowest level are dropped
 * first, and a later row says how many were. Fields whose names are those of secrets, and passwords in addresses, are redacted.
 */
export function createServiceLog(pool: Pick<pg.Pool, 'query'>, options: ServiceLogOptions): ServiceLog {
  const {level = 'info', also, everyMs = EVERY_MS, onError = () => {}, maskAccounts} = options;
  const mask = maskAccounts && createAccountMask(maskAccounts);
  const service = options.service.replaceAll('\0', '');
  const work = new AsyncLocalStorage<string>();
  const text = readStatement('service/system_logs');
  const writer = createLogWriter({
    service,
    everyMs,
    onError,
    write: rows => pool.query({text, values: [...logColumns(rows)], query_timeout: ANSWER_MS} as pg.QueryConfig),
  });
  const stream = {
    write: (whole: string): void => {
      const line = mask ? mask.line(whole) : whole;
      writer.add(logRow(line, service));
      quietly(() => also?.write(line));
    },
  };
  const logger = pino(
    {
      level,
      base: {pid: process.pid},
      timestamp: () => `,"time":"${isoMicros(nowMicros())}"`,
      mixin: () => {
        const id = work.getStore();
        return id === undefined ? {} : {[WORK_ID]: id};
      },
      hooks: {
        // A field whose getter throws is no reason for the service to fail.
        logMethod(args, method) {
          try {
            method.apply(this, args);
          } catch (error) {
            stream.write(JSON.stringify({level: 40, msg: `a log line could not be written: ${String(error)}`}));
          }
        },
      },
    },
    stream,
  );
  return {
    logger,
    stream,
    withCorrelation: (id, use) => work.run(id, use),
    correlationId: () => work.getStore(),
    counts: writer.counts,
    flush: writer.flush,
    close: (limitMs = 2000) => writer.close(limitMs),
  };
}
