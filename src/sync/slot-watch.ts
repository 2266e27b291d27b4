import {failureOf} from '../core/errors.ts';
import {bytes} from '../core/format.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {Lsn} from '../io/pgoutput.ts';
import type {SyncCounters} from './counters.ts';
import {PUBLICATION, type SlotState} from './slot-server.ts';

/** Until when everything that was committed is in the ledger. */
export type SlotProof = {
  /** The WAL ended at `lsn` when it was asked at `at`. */
  readonly sampled: (at: Micros, lsn: Lsn) => void;
  /** Everything before `lsn` is in the ledger. */
  readonly reached: (lsn: Lsn) => void;
  readonly provenAt: () => Micros | undefined;
};

/** Samples that wait; the older half of more says nothing that the younger ones do not say. */
const SAMPLES = 600;

export function createSlotProof(): SlotProof {
  let samples: readonly {readonly at: Micros; readonly lsn: Lsn}[] = [];
  let proven: Micros | undefined;
  return {
    sampled: (at, lsn) => {
      samples = [...(samples.length >= SAMPLES ? samples.filter((_, i) => i % 2 === 1) : samples), {at, lsn}];
    },
    reached: lsn => {
      const last = samples.findLast(sample => sample.lsn <= lsn);
      if (!last) return;
      proven = last.at;
      samples = samples.filter(sample => sample.lsn > last.lsn);
    },
    provenAt: () => proven,
  };
}

/** Reports the slot's figures, and gives what is not well with it although it is read; undefined: nothing. */
export function reportSlot(counters: SyncCounters, state: SlotState, reached: Lsn): string | undefined {
  const {walNow, retainedBytes = 0, safeBytes, keepBytes, walStatus} = state;
  const lagBytes = Number(walNow > reached ? walNow - reached : 0n);
  counters.slot({lag_bytes: lagBytes, retained_bytes: retainedBytes, safe_bytes: safeBytes ?? null});
  if (state.lacking !== undefined) return `publication ${PUBLICATION} lacks ${state.lacking}: tradetop setup`;
  const limit = keepBytes < 0 ? WARN_BYTES : Math.min(WARN_BYTES, keepBytes / 2);
  if (retainedBytes < limit && walStatus !== 'unreserved') return undefined;
  const left = safeBytes === undefined ? '' : `; it is lost with less than ${bytes(2 * step(safeBytes))} more`;
  return `the server keeps more than ${bytes(step(retainedBytes))} of WAL for the slot${left}`;
}

/** The power of two below, so that the words change seldom. */
const step = (size: number): number => 2 ** Math.floor(Math.log2(Math.max(size, 1)));

/** So much WAL that is kept is told, whatever limit the server has. */
const WARN_BYTES = 1024 ** 3;

/** Whether the server is going away, or no longer takes writes: what the stream holds must not keep it. */
export function isLeaving(error: unknown): boolean {
  const {why, sqlstate} = failureOf(error);
  return why === 'down' && (sqlstate !== undefined || /ECONNREFUSED|terminated/.test(String(error)));
}

/** A sample of the state, taken at `at`. */
export const sampleOf = async (read: () => Promise<SlotState>): Promise<{at: Micros; state: SlotState}> => {
  const at = nowMicros();
  return {at, state: await read()};
};
