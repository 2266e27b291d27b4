import type {Action, ActionContext} from './action.ts';
import {foundTables, prepareTables} from './prepare-tables.ts';
import type {TableInfo} from './tables.ts';

/**
 * VACUUM (FREEZE) of a table, a schema or the whole database, one statement a table: what wraparound needs. A partitioned
 * table has no rows of its own. When our process dies the statement runs on.
 */
export const vacuumFreezeAction: Action = {
  id: 'vacuum-freeze',
  title: 'VACUUM FREEZE',
  key: '',
  danger: 'locks',
  help: 'Freezes old rows, so that their transaction ids no longer count for the wraparound; it reads and may write every page.',
  targets: ['table', 'schema', 'database'],
  orphan: 'goes_on',
  found: foundTables,
  prepare: (context, target) => prepareTables(context, target, {statementFor, verb: 'vacuum'}),
};

function statementFor({sql, io}: ActionContext, table: TableInfo) {
  if (table.kind === 'partitioned') return undefined;
  return {
    statement: sql.statement('actions/vacuum_freeze', io.pgVersion(), table.names),
    vacuums: true,
    analyzes: false,
  };
}
