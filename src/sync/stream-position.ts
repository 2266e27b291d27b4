import {type Micros, nowMicros} from '../core/time.ts';
import type {LaneOptions} from './lane.ts';
import {compareIds, idMicros, type StreamState} from './stream.ts';

/** So often at most the server is asked which one it is. */
const CHECK_MS = 250;

/**
 * Until when everything published has been read, or is held by Redis for the group; and what is gone from there. It ends
 * where another server answers in place of the one that was read so far: a replica that was promoted may never have had
 * the newest entries, a server that was restarted may have none.
 */
export type StreamPosition = {
  readonly known: () => boolean;
  /** The group is there, on this server. */
  readonly begun: (on: string) => void;
  /** Whether it is time to ask which server it is. */
  readonly due: () => boolean;
  /** Everything published before `at` was given to some worker, and afterwards this server answered. False: it is another one. */
  readonly proven: (at: Micros, on: string) => boolean;
  /** The group had gone, and with it what it had not been given. `made`: by this worker it is there again. */
  readonly lost: (made: boolean) => void;
  /** Entries were given out and deleted before they were committed. */
  readonly gone: (ids: readonly string[]) => void;
  readonly seen: (state: StreamState) => void;
  readonly provenAt: () => Micros | undefined;
};

const FIRST = '0-0';

export function createPosition({before, onGap}: LaneOptions): StreamPosition {
  let proven: Micros | undefined;
  let [known, started] = [false, false];
  let held: StreamState | undefined;
  let toldOf: string | undefined;
  let server: string | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  // The group has kept what came while no worker ran, unless Redis lost it unseen: that is what the table is asked.
  const start = (): void => {
    const since = before();
    if (started || !known || since === undefined) return;
    started = true;
    onGap({reason: since === null ? 'first_start' : 'restart', from: since ?? undefined, to: nowMicros()});
  };
  const from = (): Micros | undefined => {
    const oldest = held?.oldestPending === undefined ? undefined : idMicros(held.oldestPending);
    return proven === undefined ? undefined : Math.min(proven, oldest ?? proven);
  };
  return {
    known: () => known,
    begun: on => {
      known = true;
      server = on;
      start();
    },
    due: () => performance.now() - checkedAt >= CHECK_MS,
    proven: (at, on) => {
      checkedAt = performance.now();
      const same = on === server;
      if (!same) onGap({reason: 'lost', from: from(), to: nowMicros()});
      server = on;
      proven = at;
      start();
      return same;
    },
    lost: made => {
      if (made) onGap({reason: 'lost', from: from(), to: nowMicros()});
      held = undefined;
    },
    gone: ids => {
      if (ids.length > 0) onGap({reason: 'lost', from: Math.min(...ids.map(idMicros)), to: nowMicros()});
    },
    seen: state => {
      if (isCut(state, held) && toldOf !== state.delivered) {
        toldOf = state.delivered;
        onGap({reason: 'lost', from: idMicros(state.delivered), to: nowMicros()});
      }
      held = state;
    },
    provenAt: () => (started ? from() : undefined),
  };
}

// Whether entries are gone that the group was not given. We never trim the newest one that was given: where it is not
// there and newer ones were added, someone else has trimmed beyond it, with MAXLEN most likely. Or XDEL took newer ones.
function isCut(state: StreamState, before: StreamState | undefined): boolean {
  const {delivered, first, last, deleted} = state;
  const trimmed =
    delivered !== FIRST && compareIds(last, delivered) > 0 && (first === undefined || compareIds(first, delivered) > 0);
  return (
    trimmed || (before !== undefined && compareIds(deleted, before.deleted) > 0 && compareIds(deleted, delivered) > 0)
  );
}
