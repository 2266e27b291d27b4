import type {Action, ActionContext} from './action.ts';
import {foundTables, prepareTables} from './prepare-tables.ts';
import type {TableInfo} from './tables.ts';

/**
 * ANALYZE of a table, a schema or all of the database's tables but the system's, one statement a table. Below PostgreSQL
 * 18 the ANALYZE of a partitioned table includes its partitions. When our process dies the statement runs on.
 */
export const analyzeAction: Action = {
  id: 'analyze',
  title: 'ANALYZE',
  key: 'A',
  danger: 'locks',
  help: 'Updates the planner’s statistics; reads and writes continue.',
  targets: ['table', 'schema', 'database'],
  orphan: 'goes_on',
  found: foundTables,
  prepare: (context, target) => prepareTables(context, target, {statementFor, verb: 'analyse'}),
};

function statementFor({sql, io}: ActionContext, table: TableInfo, withParent: boolean) {
  const major = io.pgVersion();
  if (withParent && major < 18) return undefined;
  const name = table.kind === 'partitioned' ? 'actions/analyze_parent' : 'actions/analyze';
  return {statement: sql.statement(name, major, table.names), vacuums: false, analyzes: true};
}
