import {UserError} from '../core/errors.ts';
import {nowMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {type Lsn, lsnText, parseLsn} from '../io/pgoutput.ts';
import type {Replication} from '../io/replication.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import type {Gap} from './gaps.ts';
import {QUICK} from './session.ts';

/** The replication slot that all workers share: one reads it, the others wait. sql/sync/slot_create.sql has its name. */
export const SLOT = 'tradetop_sync';

/** The publication that the set-up makes. */
export const PUBLICATION = 'tradetop';

/** What the server says of the slot and of what it needs. */
export type SlotState = {
  readonly walLevel: string;
  readonly standby: boolean;
  readonly mayReplicate: boolean;
  readonly freeSlots: number;
  readonly systemId: string;
  /** The end of the WAL. */
  readonly walNow: Lsn;
  readonly there: boolean;
  /** It is one of pgoutput and of this database. */
  readonly ours: boolean;
  /** Somebody reads it. */
  readonly active: boolean;
  /** reserved, extended, unreserved, or lost. */
  readonly walStatus: string | undefined;
  /** Why the server has invalidated it, where it says so. */
  readonly invalidated: string | undefined;
  /** The server no longer sends what ends before it. */
  readonly confirmed: Lsn | undefined;
  /** WAL that the server keeps for it, and may keep beyond that before the slot is lost; undefined: not known, no limit. */
  readonly retainedBytes: number | undefined;
  readonly safeBytes: number | undefined;
  /** max_slot_wal_keep_size; negative: no limit. */
  readonly keepBytes: number;
  /** The ledger has what ends at or before it; undefined: the slot is new to this database. */
  readonly applied: Lsn | undefined;
  readonly appliedSystemId: string | undefined;
  readonly appliedPublication: string | undefined;
  /** What is published, and under which identities; undefined: there is no publication. */
  readonly publication: string | undefined;
  /** Tables that are not published, separated by commas. */
  readonly lacking: string | undefined;
};

export async function readSlotState(db: Pg): Promise<SlotState> {
  const [row = {}] = await db.query('sync/slot_state', [SLOT, PUBLICATION], QUICK);
  return stateOf(row);
}

function stateOf(row: Raw): SlotState {
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? String(row[name]) : undefined);
  const number = (name: string): number | undefined => (text(name) === undefined ? undefined : Number(text(name)));
  return {
    walLevel: String(row.wal_level),
    standby: row.standby === true,
    mayReplicate: row.may_replicate === true,
    freeSlots: Number(row.free_slots),
    systemId: String(row.system_id),
    walNow: parseLsn(row.wal_now) ?? 0n,
    there: row.there === true,
    ours: row.ours === true,
    active: row.active === true,
    walStatus: text('wal_status'),
    invalidated: text('invalidation_reason'),
    confirmed: parseLsn(row.confirmed),
    retainedBytes: number('retained_bytes'),
    safeBytes: number('safe_bytes'),
    keepBytes: number('keep_bytes') ?? -1,
    applied: parseLsn(row.applied),
    appliedSystemId: text('applied_system_id'),
    appliedPublication: text('applied_publication'),
    publication: text('publication'),
    lacking: text('lacking'),
  };
}

/** Why the slot cannot be read, with the remedy, which needs somebody's help; undefined: it can. */
export function slotProblem(state: SlotState, user: string): UserError | undefined {
  if (state.standby) {
    return new UserError('The server is a standby: the slot is on the primary.', 'Connect to the primary.');
  }
  if (state.walLevel !== 'logical') {
    return new UserError(
      `wal_level is ${state.walLevel}: the WAL does not say which rows changed.`,
      'ALTER SYSTEM SET wal_level = logical; then restart PostgreSQL.', // sql-text: shown, not run
    );
  }
  if (!state.mayReplicate) {
    return new UserError(`Role ${user} may not read the WAL.`, `As a superuser: ALTER ROLE "${user}" REPLICATION;`);
  }
  if (state.publication === undefined || state.lacking !== undefined) {
    return new UserError(`Publication ${PUBLICATION} lacks ${state.lacking ?? 'everything'}.`, 'Run: tradetop setup');
  }
  if (state.there && !state.ours) {
    return new UserError(
      `Slot ${SLOT} belongs to another database or another plugin.`,
      `SELECT pg_drop_replication_slot('${SLOT}'); once nobody needs it.`,
    );
  }
  if (!state.there && state.freeSlots < 1) {
    return new UserError(
      'No replication slot is free.',
      'Raise max_replication_slots and restart PostgreSQL, or drop a slot that nobody needs.',
    );
  }
  return undefined;
}

/**
 * Throws a UserError where the slot needs somebody's help before it can be read. A server that cannot be asked says
 * nothing: the synchroniser starts without it.
 */
export async function checkSlot(target: PgTarget, sql: SqlLibrary): Promise<void> {
  const db = openPg(target, sql, {name: 'tradetop sync', max: 1});
  const state = await readSlotState(db).catch(() => undefined);
  await db.close();
  const problem = state && slotProblem(state, target.user);
  if (problem) throw problem;
}

/** Whether the server has given up the slot: it lacks WAL that nobody has read. */
export const isLost = ({walStatus, invalidated}: SlotState): boolean =>
  walStatus === 'lost' || invalidated !== undefined;

/** Creates the slot. Gives the position from which on it brings everything. */
export async function createSlot(db: Pg, replication: Replication): Promise<Lsn> {
  const [row] = await replication.query(db.sql.statement('sync/slot_create', db.pgVersion()));
  return parseLsn(row?.lsn) ?? 0n;
}

export const dropSlot = (db: Pg): Promise<unknown> => db.query('sync/slot_drop', [SLOT], QUICK);

/** Stores a position that did not come by applying the WAL, and with it a gap over all trades, which it gives. */
export async function beginAt(
  db: Pg,
  {systemId, publication}: Pick<SlotState, 'systemId' | 'publication'>,
  {lsn, worker}: {readonly lsn: Lsn; readonly worker: string},
): Promise<Gap> {
  const [row] = await db.query('sync/slot_begin', [SLOT, systemId, lsnText(lsn), publication, worker], QUICK);
  return {reason: row?.reason === 'first_start' ? 'first_start' : 'lost', from: undefined, to: nowMicros()};
}

/**
 * Why changes may not have come by the slot, although it is there; undefined: the ledger's position and the slot's agree.
 * The slot never confirms what the ledger lacks, so one that has is another slot of this name, or one that was advanced
 * by somebody, or the ledger's last transactions were lost with a primary.
 */
export function mismatchOf(state: SlotState): string | undefined {
  const {applied, confirmed, walNow} = state;
  if (applied === undefined) return 'it is new to this database';
  if (state.appliedSystemId !== state.systemId) return 'the database is in another cluster than before';
  if (applied > walNow) return 'the WAL ends before what was applied';
  if (confirmed !== undefined && confirmed > applied) return 'it begins after what was applied';
  if (state.appliedPublication !== state.publication) return 'the publication has changed';
  return undefined;
}
