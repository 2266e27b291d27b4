import {type Micros, nowMicros} from '../core/time.ts';
import type {ConsumerOptions} from './consumer.ts';
import {compareIds, idMicros, type StreamState} from './stream.ts';

/** The server is asked at most this often which one it is. */
const CHECK_MS = 250;

/**
 * Until when everything published was read or is kept by Redis for the group, and the gaps where entries are gone. It
 * declares one where another server answers in place of the one that was read so far: a replica that was promoted may
 * never have had the newest entries, a server that was restarted may have none.
 */
export type StreamPosition = {
  readonly known: () => boolean;
  /** The group exists on this server. */
  readonly begun: (server: string) => void;
  /** Whether it is time to ask which server it is. */
  readonly due: () => boolean;
  /**
   * Everything published before `at` was given to some worker, and `server` answered after that. False: it is not the
   * server that was read so far.
   */
  readonly proven: (at: Micros, server: string) => boolean;
  /** The group was gone, and with it what it had not been given. `made`: this worker has made it again. */
  readonly groupLost: (made: boolean) => void;
  /** Entries were given out and then deleted before they were committed. */
  readonly deleted: (ids: readonly string[]) => void;
  readonly seen: (state: StreamState) => void;
  readonly provenAt: () => Micros | undefined;
};

const FIRST = '0-0';

export function createStreamPosition({
  previousSafeAt,
  onGap,
}: Pick<ConsumerOptions, 'previousSafeAt' | 'onGap'>): StreamPosition {
  let proven: Micros | undefined;
  let [known, started] = [false, false];
  let last: StreamState | undefined;
  let declaredCut: string | undefined;
  let readServer: string | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  const lost = (from: Micros | undefined): void => onGap({reason: 'lost', from, to: nowMicros()});
  // The group kept what was published while no worker ran, unless Redis lost it unnoticed: the repair looks for that.
  const declareStart = (): void => {
    const since = previousSafeAt();
    if (started || !known || since === undefined) return;
    started = true;
    onGap({reason: since === null ? 'first_start' : 'restart', from: since ?? undefined, to: nowMicros()});
  };
  const provenUntil = (): Micros | undefined => {
    const oldest = last?.oldestPending === undefined ? undefined : idMicros(last.oldestPending);
    return proven === undefined ? undefined : Math.min(proven, oldest ?? proven);
  };
  return {
    known: () => known,
    begun: server => {
      known = true;
      readServer = server;
      declareStart();
    },
    due: () => performance.now() - checkedAt >= CHECK_MS,
    proven: (at, server) => {
      checkedAt = performance.now();
      const same = server === readServer;
      if (!same) lost(provenUntil());
      readServer = server;
      proven = at;
      declareStart();
      return same;
    },
    groupLost: made => {
      if (made) lost(provenUntil());
      last = undefined;
    },
    deleted: ids => {
      if (ids.length > 0) lost(Math.min(...ids.map(idMicros)));
    },
    seen: state => {
      if (isCut(state, last) && declaredCut !== state.delivered) {
        declaredCut = state.delivered;
        lost(idMicros(state.delivered));
      }
      last = state;
    },
    provenAt: () => (started ? provenUntil() : undefined),
  };
}

/**
 * Whether entries are gone that the group was not given. We never trim the newest one that was given: where that is
 * missing and newer ones were added, another program trimmed beyond it, most likely by MAXLEN. Or XDEL took newer ones.
 */
function isCut(state: StreamState, before: StreamState | undefined): boolean {
  const {delivered, first, last, deleted} = state;
  const trimmed =
    delivered !== FIRST && compareIds(last, delivered) > 0 && (first === undefined || compareIds(first, delivered) > 0);
  return (
    trimmed || (before !== undefined && compareIds(deleted, before.deleted) > 0 && compareIds(deleted, delivered) > 0)
  );
}
