import {describe, expect, it} from 'vitest';
import {repositoryFiles} from '../helpers/rules/files.ts';
import {tableUses} from '../helpers/rules/tables.ts';

const uses = tableUses(repositoryFiles());
const without = (part: 'writers' | 'readers' | 'structure' | 'rows'): readonly string[] =>
  uses.filter(use => use[part].length === 0).map(({table}) => table);

/** Rows that no check compares with anything, and why. */
const UNCHECKED = {
  // What people set: their constraints say what they may be.
  'notification.notification_configs': 'a setting',
  'shared.system_config': 'a setting',
  'shared.alert_marks': 'a setting',
  // What happened: nothing else says it.
  'strategy_engine.strategy_signals': 'a record, which trace misses where an order has none',
  'analytics.sync_restatements': 'a record',
  'notification.notification_logs': 'a record, which the alert notifications_failed reads',
  'notification.told_alerts': 'a record',
  'logging.archived_system_logs': 'a record',
  'logging.performance_logs': 'a record',
  'shared.alert_lives': 'a record',
  // What stands now: alerts judge it all the time.
  'analytics.sync_slots': 'alert slot_unused and the sync pane',
  'analytics.sync_marks': 'the newest price of a symbol; positions are checked against theirs',
  'shared.maintenance_runs': 'alerts maintenance_missed and maintenance_failed',
};

describe('every table of the schema', () => {
  it('has a writer', () => {
    expect(uses.length).toBeGreaterThan(35);
    expect(without('writers')).toEqual([]);
  });

  it('has a reader', () => {
    expect(without('readers')).toEqual([]);
  });

  it('has a check of the set-up, and a check of its rows but for what is named here', () => {
    expect(without('structure')).toEqual([]);
    expect(without('rows').toSorted()).toEqual(Object.keys(UNCHECKED).toSorted());
  });
});

describe('the rule of uses', () => {
  const script = {path: 'sql/02_create_core_tables.sql', text: "CALL pg_temp.have_table('a.logs', 'x', $$ $$);"};
  const use = (path: string, text: string) => tableUses([script, {path, text}])[0];

  it.each([
    ['writers', 'sql/sync/x.sql', 'INSERT INTO a.logs VALUES (1)'],
    ['readers', 'sql/report/x.sql', 'SELECT FROM b, a.logs'],
    ['structure', 'sql/verify/setup_x.sql', "VALUES ('a.logs')"],
    ['rows', 'sql/verify/data_x.sql', 'SELECT FROM a.logs'],
  ] as const)('finds %s', (part, path, text) => {
    expect(use(path, text)).toEqual({
      ...{table: 'a.logs', writers: [], readers: [], structure: [], rows: []},
      [part]: [path.replace('sql/', '')],
    });
  });

  it.each([
    ['sql/sync/x.sql', 'DELETE FROM a.logs'],
    ['sql/sync/x.sql', 'SELECT FROM a.logs_archive -- and FROM a.logs'],
    ['sql/feed/x.sql', 'SELECT FROM a.logs'],
    ['sql/demo/x.sql', 'INSERT INTO a.logs SELECT FROM a.logs'],
    ['sql/migrations/x.sql', 'UPDATE a.logs SET x = 1'],
  ])('takes what is in %s for none: %s', (path, text) => {
    expect(use(path, text)).toMatchObject({writers: [], readers: []});
  });
});
