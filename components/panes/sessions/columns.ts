import {age, count} from '../../../src/core/format.ts';
import {withoutComments} from '../../../src/core/statement-text.ts';
import type {BackendRow} from '../../../src/monitor/backends.ts';
import {ageColumn, detailColumn, NONE, numberColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {whoColumns} from './who.ts';

/** What it waits for: the processes, and the prepared transactions by their ids. */
const blockersOf = ({blockedBy, blockedByPrepared}: BackendRow): string | undefined =>
  [...blockedBy, ...blockedByPrepared.map(xid => `prepared ${xid}`)].join(', ') || undefined;

/** What it waits for. That a session without work waits for its client says nothing. */
const waitOf = ({state, wait}: BackendRow): string =>
  state !== 'active' && wait === 'Client:ClientRead' ? '' : (wait ?? '');

const seconds = (n: number): string => age(n);

/** The columns of the pane, in the order of the screen. */
export const sessionColumns: readonly Column<BackendRow>[] = [
  ...whoColumns,
  textColumn({
    id: 'state',
    title: 'STATE',
    priority: 1,
    width: 6,
    ideal: 10,
    max: 12,
    value: row => row.state || NONE,
    style: row => (row.state.startsWith('idle in tx') ? 'strong' : undefined),
  }),
  textColumn({
    id: 'wait',
    title: 'WAIT',
    priority: 3,
    width: 8,
    ideal: 18,
    max: 30,
    value: row => row.wait,
    text: waitOf,
    style: row => (row.waits ? 'strong' : 'faint'),
  }),
  numberColumn({
    id: 'wait_seconds',
    title: 'BLOCKED',
    sparse: true,
    priority: 1,
    width: 7,
    value: row => row.waitSeconds,
    format: seconds,
    grows: true,
  }),
  textColumn({
    id: 'blocked_by',
    title: 'BLOCKED BY',
    sparse: true,
    priority: 7,
    width: 10,
    ideal: 10,
    max: 24,
    value: blockersOf,
    text: row => blockersOf(row) ?? '',
  }),
  numberColumn({
    id: 'query_seconds',
    title: 'QUERY',
    priority: 4,
    width: 6,
    value: row => row.querySeconds,
    format: seconds,
    grows: true,
  }),
  numberColumn({
    id: 'transaction_seconds',
    title: 'XACT',
    priority: 1,
    width: 6,
    value: row => row.xactSeconds,
    format: seconds,
    grows: true,
  }),
  numberColumn({
    id: 'state_seconds',
    title: 'STATE FOR',
    priority: 6,
    width: 9,
    value: row => row.stateSeconds,
    format: seconds,
    grows: true,
  }),
  numberColumn({id: 'xmin_age', title: 'XMIN AGE', priority: 7, width: 8, value: row => row.xminAge, format: count}),
  textColumn({
    id: 'query',
    title: 'STATEMENT',
    priority: 0,
    width: 12,
    ideal: 14,
    max: 500,
    share: 0.2,
    value: row => row.query,
    text: row => (row.gid === undefined ? withoutComments(row.query) : `prepared transaction ${row.gid}`),
    style: row => (row.state === 'active' ? undefined : 'faint'),
  }),
  detailColumn({id: 'kind', value: row => row.kind}),
  detailColumn({id: 'gid', value: row => row.gid}),
  detailColumn({id: 'query_id', value: row => row.queryId}),
  ageColumn({
    id: 'backend_start',
    title: 'CONNECTED',
    priority: 12,
    width: 9,
    at: row => row.backendStart,
    missing: '',
  }),
];
