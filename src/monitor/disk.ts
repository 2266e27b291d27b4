import {failureOf} from '../core/errors.ts';
import type {Micros} from '../core/time.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const WRITE = 'monitor/disk_write';
const SPILL = 'monitor/disk_spill';

/** The disk of the server's data. */
export type DiskRow = {
  /** Since when the server has not been able to write to it, by our clock; undefined: it can. */
  readonly fullSince: Micros | undefined;
};

/** Whether the server can write to its disk. Nothing else that we do would meet a full one, since reading goes on. */
export const diskPoller: Poller<{disk: DiskRow}> = {
  ids: ['disk'],
  everyMs: 5000,
  unseenMs: 5000,
  timeoutMs: TIMEOUT_MS,
  sql: [WRITE, SPILL],
  deltas: false,
  reader: () => {
    let fullSince: Micros | undefined;
    return async ({trading}, _, clock) => {
      try {
        await trading.query(fullSince === undefined ? WRITE : SPILL);
        fullSince = undefined;
      } catch (error) {
        if (failureOf(error).fullDisk !== true) throw error;
        fullSince ??= clock.now();
      }
      return {disk: [{fullSince}]};
    };
  },
};
