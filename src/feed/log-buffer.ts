import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import type {ServiceName} from './services.ts';
import {columnsOf} from './write.ts';

/** What a service reports for logging.system_logs. */
type LogLine = {
  readonly service: ServiceName;
  readonly level: 'INFO' | 'WARNING' | 'ERROR';
  readonly eventType: string;
  readonly message: string;
  readonly correlationId?: string;
};

/**
 * Log lines that wait to be written to logging.system_logs, at most 500: the oldest are dropped while the database is
 * away.
 */
export type LogBuffer = {
  readonly add: (line: LogLine) => void;
  /** Gives the waiting lines as columns; they are removed when `write` resolves. */
  readonly flush: (write: (columns: readonly unknown[]) => Promise<unknown>) => Promise<void>;
};

const LIMIT = 500;

export function createLogBuffer(): LogBuffer {
  let lines: readonly (LogLine & {readonly at: Micros})[] = [];
  return {
    add: line => {
      lines = [...lines, {at: nowMicros(), ...line}].slice(-LIMIT);
    },
    flush: async write => {
      const waiting = lines;
      if (waiting.length === 0) return;
      const columns = columnsOf(waiting, [
        l => isoMicros(l.at),
        l => l.service,
        l => l.level,
        l => l.eventType,
        l => l.message,
        l => l.correlationId ?? null,
      ]);
      await write(columns);
      lines = lines.filter(line => !waiting.includes(line));
    },
  };
}
