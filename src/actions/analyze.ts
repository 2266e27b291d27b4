import type {Action, ActionContext} from './action.ts';
import {prepareTables} from './prepare-tables.ts';
import type {TableInfo} from './tables.ts';

/**
 * ANALYZE of a table, a schema or the database's own tables, each its own statement. Below PostgreSQL 18 a partitioned
 * table's ANALYZE takes its partitions with it. When our process dies the statement goes on.
 */
export const analyzeAction: Action = {
  id: 'analyze',
  title: 'ANALYZE',
  key: 'A',
  danger: 'locks',
  help: 'Renews the planner’s statistics; reads and writes go on.',
  targets: ['table', 'schema', 'database'],
  sql: ['actions/analyze', 'actions/analyze_parent'],
  orphan: 'goes_on',
  prepare: (asking, target) => prepareTables(asking, target, {statementFor, verb: 'analyse'}),
};

function statementFor({sql, io}: ActionContext, table: TableInfo, withParent: boolean) {
  const major = io.pgVersion();
  if (withParent && major < 18) return undefined;
  const name = table.kind === 'partitioned' ? 'actions/analyze_parent' : 'actions/analyze';
  return {statement: sql.statement(name, major, table.names), vacuums: false, analyzes: true};
}
