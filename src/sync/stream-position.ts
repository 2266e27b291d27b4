import {type Micros, nowMicros} from '../core/time.ts';
import type {LaneOptions} from './lane.ts';
import {compareIds, idMicros, type StreamState} from './stream.ts';

/** Until when everything published has been read, or is held by Redis for the group; and what is gone from there. */
export type Position = {
  readonly known: () => boolean;
  /** The group is there. */
  readonly begun: () => void;
  /** Everything published before `at` was given to some worker. */
  readonly proven: (at: Micros) => void;
  /** The group had gone, and with it what it had not been given. `made`: by this worker it is there again. */
  readonly lost: (made: boolean) => void;
  /** Entries were given out and deleted before they were committed. */
  readonly gone: (ids: readonly string[]) => void;
  readonly seen: (state: StreamState) => void;
  readonly provenAt: () => Micros | undefined;
};

const FIRST = '0-0';

export function createPosition({before, onGap}: LaneOptions): Position {
  let proven: Micros | undefined;
  let [known, started] = [false, false];
  let held: StreamState | undefined;
  let toldOf: string | undefined;
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
    begun: () => {
      known = true;
      start();
    },
    proven: at => {
      proven = at;
      start();
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
