import {setTimeout as delay} from 'node:timers/promises';
import type {SyncCounters} from './counters.ts';
import {BATCH_ENTRIES, type Stream} from './stream.ts';
import type {StreamCommit} from './stream-commit.ts';
import type {StreamLink} from './stream-link.ts';
import type {StreamPosition} from './stream-position.ts';

/** An entry that its worker has not acknowledged for this time may be claimed by another worker. */
const CLAIM_IDLE_MS = 30_000;
const EVERY_MS = 2000;

type StreamMaintenanceOptions = {
  readonly stream: Stream;
  readonly position: StreamPosition;
  readonly link: StreamLink;
  readonly commit: StreamCommit;
  readonly counters: SyncCounters;
  /** Ends it. */
  readonly signal: AbortSignal;
};

/** Every 2 s claims and commits what dead workers left pending, looks for lost entries, and trims. Never rejects. */
export async function maintainStream(options: StreamMaintenanceOptions): Promise<void> {
  const {link, signal} = options;
  while (!signal.aborted) {
    await maintainOnce(options).then(
      () => link.note(undefined),
      error => link.note(error),
    );
    await delay(EVERY_MS, undefined, {signal}).catch(() => {});
  }
}

async function maintainOnce({stream, position, commit, counters}: StreamMaintenanceOptions): Promise<void> {
  const claimed = await stream.claim(CLAIM_IDLE_MS, BATCH_ENTRIES);
  if (claimed.length > 0) await commit(claimed);
  const state = await stream.state();
  if (!state) return;
  position.seen(state);
  await stream.trim(state.doneBelow);
  counters.stream({lag: state.lag, pending: state.pending, length: state.length});
}
