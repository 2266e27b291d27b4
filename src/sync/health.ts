import type {BusLink} from '../bus/event.ts';
import type {SyncMode} from './consumer.ts';
import type {SyncStats} from './stats.ts';

/** Without a heartbeat for this time a service is in trouble. */
const HEARTBEAT_MS = 15_000;

type Health = {
  readonly mode: SyncMode;
  readonly link: BusLink;
  readonly stats: SyncStats;
  /** When the database took the last heartbeat, in milliseconds of `performance.now()`; undefined: none yet. */
  readonly sentAt: number | undefined;
  /** Why the last heartbeat failed. */
  readonly failing: string | undefined;
};

/** What is wrong with a service, in words; undefined: nothing. */
export function troubleOf({mode, link, stats, sentAt, failing = 'no answer'}: Health): string | undefined {
  const {state, error} = link;
  if (state !== 'ready') return `the ${mode === 'slot' ? 'WAL' : 'bus'} is ${state}${error ? `: ${error}` : ''}`;
  if (stats.failing) return `PostgreSQL takes no batch since ${stats.failing.since}: ${stats.failing.error}`;
  if (sentAt === undefined || performance.now() - sentAt > HEARTBEAT_MS) {
    return `PostgreSQL takes no heartbeat: ${failing}`;
  }
  return undefined;
}
