import {nowMicros} from '../core/time.ts';
import {BATCH_ENTRIES, compareIds, idMicros, type Stream, type StreamState} from './stream.ts';
import type {StreamCommit} from './stream-commit.ts';
import type {StreamPosition} from './stream-position.ts';
import {begin} from './stream-reader.ts';

/** An entry that its worker has not acknowledged for this time may be claimed by another worker. */
const CLAIM_IDLE_MS = 30_000;

type Maintained = {readonly stream: Stream; readonly position: StreamPosition; readonly commit: StreamCommit};

/** Claims and commits what dead workers left pending, looks for lost entries, and trims. */
export async function maintainStream({stream, position, commit}: Maintained): Promise<StreamState | undefined> {
  const claimed = await stream.claim(CLAIM_IDLE_MS, BATCH_ENTRIES);
  if (claimed.length > 0) await commit(claimed);
  const state = await stream.state();
  if (!state) return undefined;
  position.seen(state);
  await stream.trim(state.doneBelow);
  return state;
}

/**
 * Watches a stream that another worker reads: what its group has been given and has acknowledged is proven by that, and
 * lost entries are a gap all the same, since its worker may have died with them.
 */
export async function watchStream({stream, position}: Omit<Maintained, 'commit'>): Promise<StreamState | undefined> {
  const at = nowMicros();
  if (!position.known()) await begin(stream, position);
  const state = await stream.state();
  if (!state) {
    position.groupLost(await stream.ensureGroup());
    return undefined;
  }
  position.seen(state);
  const all = state.length === 0 || compareIds(state.last, state.delivered) <= 0;
  position.proven(all ? at : idMicros(state.delivered), await stream.server());
  return state;
}
