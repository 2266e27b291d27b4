import type {Action, ActionContext} from './action.ts';
import {prepareTables} from './prepare-tables.ts';
import {aimed} from './statements.ts';
import type {TableInfo} from './tables.ts';

/**
 * VACUUM (ANALYZE) of a table, a schema or the database's own tables: each table its own statement, so that each can be
 * seen, judged and cancelled. Of a partitioned table the partitions are vacuumed and the parent is analysed, which
 * autovacuum never does; below PostgreSQL 18 the parent's ANALYZE takes the partitions with it, so theirs is left out.
 * System catalogues are left to autovacuum. When our process dies the table's VACUUM goes on to its end: the work is
 * useful, it blocks nobody, and its lock keeps a second one away. The ANALYZE after it is then not begun, since the
 * server notices at its next VERBOSE message that nobody listens.
 */
export const vacuumAnalyzeAction: Action = {
  id: 'vacuum-analyze',
  title: 'VACUUM ANALYZE',
  key: 'V',
  footer: 'vacuum',
  danger: 'locks',
  help: 'Removes dead rows and renews the planner’s statistics; reads and writes go on.',
  targets: ['table', 'schema', 'database'],
  sql: ['actions/vacuum_analyze', 'actions/vacuum', 'actions/analyze_parent'],
  orphan: 'goes_on',
  prepare: (asking, target) => prepareTables(asking, target, {statementFor, verb: 'vacuum'}),
};

function statementFor({sql, io}: ActionContext, table: TableInfo, withParent: boolean) {
  const major = io.pgVersion();
  if (table.kind === 'partitioned') {
    if (withParent && major < 18) return undefined;
    const statement = aimed(sql, 'actions/analyze_parent', major, table.quoted);
    return {statement, vacuums: false, analyzes: true};
  }
  const analyzes = !withParent || major >= 18;
  const name = analyzes ? 'actions/vacuum_analyze' : 'actions/vacuum';
  return {statement: aimed(sql, name, major, table.quoted), vacuums: true, analyzes};
}
