import {z} from 'zod';
import {instant, maybeNumber, maybeText, rowSchema, text, textOrEmpty} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const RECEIVERS = 'monitor/replication';
const SLOTS = 'monitor/slots';

const receiver = rowSchema({
  /** `self`: this server is a standby, and this is how far it is behind. */
  kind: z.enum(['standby', 'self']),
  pid: maybeNumber,
  role: maybeText,
  name: text,
  client: text,
  /** Undefined: PostgreSQL hides it. */
  state: maybeText,
  sync_state: maybeText,
  /** What it has not replayed of what we have written, or of what it has received; undefined: not known. */
  lag_bytes: maybeNumber,
  write_seconds: maybeNumber,
  flush_seconds: maybeNumber,
  replay_seconds: maybeNumber,
});
const slot = rowSchema({
  name: text,
  type: text,
  database: textOrEmpty,
  active: z.boolean(),
  active_pid: maybeNumber,
  /** WAL that the server keeps for it. */
  kept_bytes: maybeNumber,
  /** WAL that may still be written before the slot is lost; undefined: any amount. */
  safe_bytes: maybeNumber,
  wal_status: maybeText,
  /** Transactions since the oldest row version that is kept for it. */
  xmin_age: maybeNumber,
  /** From PostgreSQL 17 on. */
  inactive_since: instant,
  invalidated: maybeText,
});

/** Who receives the server's WAL. */
export type ReceiverRow = z.output<typeof receiver>;

/** A replication slot. */
export type SlotRow = z.output<typeof slot>;

/** Standbys and replication slots. */
export const replicationPoller: Poller<{receivers: ReceiverRow; slots: SlotRow}> = statementPoller({
  everyMs: 1000,
  samples: {
    receivers: {sql: RECEIVERS, row: receiver},
    slots: {sql: SLOTS, row: slot},
  },
});
