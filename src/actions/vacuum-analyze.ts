import type {Action, ActionContext} from './action.ts';
import {foundTables, prepareTables} from './prepare-tables.ts';
import type {TableInfo} from './tables.ts';

/**
 * VACUUM (ANALYZE) of a table, a schema or all of the database's tables but the system's, one statement a table, so that
 * each can be watched, judged and cancelled. Of a partitioned table the partitions are vacuumed and the parent is analysed,
 * which autovacuum never does; below PostgreSQL 18 the parent's ANALYZE includes the partitions, so theirs is left out.
 * When our process dies, the VACUUM of the table runs to its end: the work is useful, it blocks nobody, and its lock keeps
 * a second one away. The ANALYZE after it does not begin, since the server notices at its next VERBOSE message that its
 * client is gone.
 */
export const vacuumAnalyzeAction: Action = {
  id: 'vacuum-analyze',
  title: 'VACUUM ANALYZE',
  key: 'V',
  footer: 'vacuum',
  danger: 'locks',
  help: 'Removes dead rows and updates the planner’s statistics; reads and writes continue.',
  targets: ['table', 'schema', 'database'],
  orphan: 'goes_on',
  found: foundTables,
  prepare: (context, target) => prepareTables(context, target, {statementFor, verb: 'vacuum'}),
};

function statementFor({sql, io}: ActionContext, table: TableInfo, withParent: boolean) {
  const major = io.pgVersion();
  if (table.kind === 'partitioned') {
    if (withParent && major < 18) return undefined;
    const statement = sql.statement('actions/analyze_parent', major, table.names);
    return {statement, vacuums: false, analyzes: true};
  }
  const analyzes = !withParent || major >= 18;
  const name = analyzes ? 'actions/vacuum_analyze' : 'actions/vacuum';
  return {statement: sql.statement(name, major, table.names), vacuums: true, analyzes};
}
