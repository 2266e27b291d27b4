import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import type {ServiceName} from './services.ts';
import {columnsOf} from './write.ts';

type Level = 'INFO' | 'WARNING' | 'ERROR';
type Line = {
  readonly at: Micros;
  readonly service: ServiceName;
  readonly level: Level;
  readonly eventType: string;
  readonly message: string;
  readonly correlationId: string | undefined;
};

/** Log lines that wait to be written to logging.system_logs. Bounded: the oldest go while the database is away. */
export type Journal = {
  readonly add: (
    service: ServiceName,
    level: Level,
    eventType: string,
    message: string,
    correlationId?: string,
  ) => void;
  /** Gives the waiting lines as columns; they are gone when `write` resolves. */
  readonly flush: (write: (columns: readonly unknown[]) => Promise<unknown>) => Promise<void>;
};

const MOST = 500;

export function createJournal(): Journal {
  let lines: readonly Line[] = [];
  return {
    add: (service, level, eventType, message, correlationId) => {
      lines = [...lines, {at: nowMicros(), service, level, eventType, message, correlationId}].slice(-MOST);
    },
    flush: async write => {
      const now = lines;
      if (now.length === 0) return;
      const columns = columnsOf(now, [
        l => isoMicros(l.at),
        l => l.service,
        l => l.level,
        l => l.eventType,
        l => l.message,
        l => l.correlationId ?? null,
      ]);
      await write(columns);
      lines = lines.filter(line => !now.includes(line));
    },
  };
}
