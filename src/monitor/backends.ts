import {z} from 'zod';
import {activityQuery, oneLine} from '../core/statement-text.ts';
import type {Micros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {blockingTrees, type Place} from './blocking.ts';
import {
  decode,
  instant,
  maybeNumber,
  maybeText,
  number,
  pids,
  type RowOf,
  rowSchema,
  serviceName,
  text,
  textOrEmpty,
} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {sessionKey} from './session-key.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/backends';

const row = rowSchema({
  /** The process; of a prepared transaction its transaction id. */
  pid: number,
  gid: maybeText,
  backend_start: instant,
  kind: text,
  role: z.string().nullable(),
  application: textOrEmpty,
  database: textOrEmpty,
  client: textOrEmpty,
  state: z.string().nullable(),
  wait: maybeText,
  query_start: instant,
  xact_start: instant,
  state_change: instant,
  waiting_since: instant,
  xmin_age: maybeNumber,
  blocked_by: pids,
  blocked_by_prepared: pids,
  query: z.string().nullable(),
  query_hex: z.string().nullable(),
  query_id: maybeText,
  /** PostgreSQL hides what this one does. */
  hidden: z.boolean(),
  total: number,
  clock: instant,
  reader: text,
});

type Raws = readonly z.output<typeof row>[];

/**
 * A session, a background process or a prepared transaction of the server. Ages are of the reading, in seconds, by the
 * server's clock.
 */
export type BackendRow = RowOf<typeof backendRows>;

/** Facts about a reading of the sessions as a whole. */
type BackendsInfoRow = {
  /** Sessions, processes and prepared transactions, listed or not. */
  readonly total: number;
  /** Sessions that PostgreSQL keeps no state of, since track_activities is off for them. */
  readonly untracked: number;
};

/** Rows in the order of the screen. Throws a SourceError where PostgreSQL hides a session. */
function backendRows(raws: readonly Raw[]) {
  const rows = decode(row, raws, SQL);
  const unseen = rows.find(r => r.hidden);
  if (unseen) throw blind(unseen.reader);
  const keys = new Map(rows.map(r => [r.gid === undefined ? String(r.pid) : `x${r.pid}`, keyOf(r)]));
  const waiters = rows.map(r => ({
    key: keyOf(r),
    waits: isWaiting(r),
    waitSeconds: since(r.waitingSince, r.clock),
    blockers: [...r.blockedBy.map(String), ...r.blockedByPrepared.map(xid => `x${xid}`)].flatMap(
      name => keys.get(name) ?? [],
    ),
  }));
  const places = blockingTrees(waiters);
  return inOrder(rows, places).map(r => backendRow(r, places.get(keyOf(r))));
}

function backendRow(r: Raws[number], place: Place | undefined) {
  const {clock} = r;
  const active = isActive(r);
  return {
    /** A process by its pid and start, a prepared transaction by its id: the same for nobody else, ever. */
    key: keyOf(r),
    pid: r.pid,
    backendStart: r.backendStart,
    /** The global identifier of a prepared transaction. */
    gid: r.gid,
    /** PostgreSQL's backend_type, or `prepared transaction`. */
    kind: r.kind,
    service: r.role === null ? r.kind : serviceName(r.role, r.role === 'tradetop_sync' ? '' : r.application),
    user: oneLine(r.role),
    application: r.application,
    database: r.database,
    /** Its address, or `local`. */
    client: r.client,
    state: STATES[r.state ?? ''] ?? oneLine(r.state),
    /** `Lock:transactionid`; undefined while it runs on the processor. */
    wait: r.wait,
    waits: isWaiting(r),
    waitSeconds: since(r.waitingSince, clock),
    querySeconds: active ? since(r.queryStart, clock) : undefined,
    xactSeconds: since(r.xactStart, clock),
    stateSeconds: since(r.stateChange, clock),
    /** Transactions since the oldest row version that VACUUM must keep for it. */
    xminAge: r.xminAge,
    /** Processes that it waits for, and prepared transactions by their ids. */
    blockedBy: r.blockedBy,
    blockedByPrepared: r.blockedByPrepared,
    /** Sessions that wait for it, directly or through others. */
    blocks: place?.blocks ?? 0,
    /** The longest wait among them. */
    blocksSeconds: place?.blocksSeconds,
    depth: place?.depth ?? 0,
    /** The key of the session that it waits for. */
    parent: place?.parent,
    /** What it runs; of an idle one what it ran last. */
    query: activityQuery(r.query, r.queryHex),
    /** What pg_stat_statements calls that; undefined without compute_query_id, or where it is none. */
    queryId: r.queryId,
  };
}

// PostgreSQL's words, where they are too long for a column.
const STATES: Readonly<Record<string, ReturnType<typeof oneLine>>> = {
  'idle in transaction': oneLine('idle in tx'),
  'idle in transaction (aborted)': oneLine('idle in tx!'),
  'fastpath function call': oneLine('active'),
  disabled: oneLine('not tracked'),
};

const keyOf = ({pid, gid, backendStart}: Raws[number]): string =>
  gid === undefined ? sessionKey(pid, backendStart) : `prepared/${pid}`;
const isWaiting = ({wait}: Raws[number]): boolean => wait?.startsWith('Lock:') === true;
const isActive = ({state}: Raws[number]): boolean => state === 'active' || state === 'fastpath function call';
const since = (then: Micros | undefined, clock: Micros | undefined): number | undefined =>
  then === undefined || clock === undefined ? undefined : Math.max(0, (clock - then) / 1e6);

const CLIENTS: ReadonlySet<string> = new Set(['client backend', 'prepared transaction', 'parallel worker']);

/** Trees, then others that wait, then open transactions by age, then the idle, then the server's own processes. */
function inOrder(rows: Raws, places: ReadonlyMap<string, Place>): Raws {
  const position = new Map([...places.keys()].map((key, i) => [key, i]));
  const group = (r: Raws[number]): number => {
    if (position.has(keyOf(r))) return 0;
    if (isWaiting(r)) return 1;
    if (!CLIENTS.has(r.kind)) return 4;
    return r.xactStart !== undefined || isActive(r) ? 2 : 3;
  };
  const begun = (r: Raws[number]): Micros => r.xactStart ?? r.queryStart ?? r.backendStart ?? 0;
  return rows.toSorted(
    (a, b) =>
      group(a) - group(b) ||
      (position.get(keyOf(a)) ?? 0) - (position.get(keyOf(b)) ?? 0) ||
      begun(a) - begun(b) ||
      a.pid - b.pid,
  );
}

/** Who is connected to the server, what each does, and who waits for whom. */
export const backendsPoller: Poller<{backends: BackendRow; backends_info: BackendsInfoRow}> = {
  ids: ['backends', 'backends_info'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => {
      const raws = await trading.query(SQL);
      const backends = backendRows(raws);
      const untracked = backends.filter(r => r.state === 'not tracked').length;
      return {backends, backends_info: [{total: Number(raws[0]?.total ?? 0), untracked}]};
    },
};
