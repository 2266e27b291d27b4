import {LIMITS} from '../../../src/alerts/limits.ts';
import {count} from '../../../src/core/format.ts';
import type {Severity} from '../../../src/core/severity.ts';
import type {BackendRow} from '../../../src/monitor/backends.ts';
import {NONE, numberColumn, severityColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {shownService} from '../shared/service-name.ts';

/** How bad it is: blocking others or waiting for a lock for long, or a transaction that is open without work. */
function severityOf({
  blocks,
  blocksSeconds = 0,
  depth,
  waitSeconds = 0,
  state,
  stateSeconds = 0,
}: BackendRow): Severity {
  // A root is as bad as the worst behind it.
  if (Math.max(waitSeconds, blocksSeconds) > LIMITS.blocked.crit) return 'crit';
  if (waitSeconds > LIMITS.blocked.warn || (blocks > 0 && depth === 0)) return 'warn';
  return state.startsWith('idle in tx') && stateSeconds > LIMITS.idleInTransaction.warn ? 'warn' : 'ok';
}

// Deeper branches are drawn no further to the right: the column must keep room for the number.
const MOST_DEPTH = 4;

function branch({pid, gid, depth}: BackendRow): string {
  const name = gid === undefined ? String(pid) : `tx ${pid}`;
  return depth === 0 ? name : `${' '.repeat(Math.min(depth, MOST_DEPTH) - 1)}└ ${name}`;
}

/** Who each one is, and whom it blocks. */
export const whoColumns: readonly Column<BackendRow>[] = [
  severityColumn({of: severityOf, quiet: true}),
  textColumn({
    id: 'pid',
    title: 'PID',
    priority: 0,
    width: 8,
    ideal: 8,
    max: 14,
    value: row => row.pid,
    text: branch,
  }),
  numberColumn({
    id: 'blocks',
    title: 'BLOCKS',
    sparse: true,
    priority: 1,
    width: 6,
    value: row => row.blocks,
    format: n => (n === 0 ? '' : count(n)),
    style: row => (row.depth === 0 ? 'strong' : undefined),
  }),
  textColumn({
    id: 'service',
    title: 'SERVICE',
    priority: 0,
    width: 10,
    ideal: 14,
    max: 28,
    value: row => row.service,
    text: row => shownService(row.service),
  }),
  textColumn({id: 'user', title: 'USER', priority: 10, width: 8, ideal: 12, max: 20, value: row => row.user || NONE}),
  textColumn({
    id: 'application',
    title: 'APPLICATION',
    priority: 9,
    width: 11,
    ideal: 14,
    max: 24,
    value: row => row.application || NONE,
  }),
  textColumn({
    id: 'client',
    title: 'CLIENT',
    priority: 8,
    width: 9,
    ideal: 13,
    max: 39,
    value: row => row.client || NONE,
  }),
  textColumn({
    id: 'database',
    title: 'DATABASE',
    priority: 11,
    width: 8,
    ideal: 14,
    max: 20,
    value: row => row.database || NONE,
  }),
];
