import {PURGED} from '../actions/purge-logs.ts';
import type {Target} from '../actions/target.ts';
import type {JobSpec, Retention, Step} from './job.ts';

const LOGS = 'logging.system_logs';
/** Tables by month, of which old months can be detached. They are no logs: nothing is detached that was not asked for. */
const BY_MONTH: readonly string[] = [
  'data_ingestion.market_data',
  'execution.archived_trades',
  'analytics.archived_sync_ledger',
];

/** The retention where nothing is set: log tables have one, tables by month have none. */
export const RETENTION: Retention = new Map([
  [LOGS, 30],
  ...Object.entries(PURGED).map(([name, {days}]) => [name, days] as const),
]);

/** The tables that can have a retention; all others are kept for a reason (`actions/kept-tables.ts`). */
export const RETAINED: readonly string[] = [...RETENTION.keys(), ...BY_MONTH];

const tableOf = (name: string): Target => {
  const [schema = '', table = ''] = name.split('.');
  return {kind: 'table', schema, name: table};
};

const act = (actionId: string, target: Target, flags: Readonly<Record<string, number>> = {}): Step => ({
  kind: 'action',
  actionId,
  target,
  flags,
});

const byAge = (actionId: string, names: readonly string[]) => (retention: Retention) =>
  names.flatMap(name => {
    const days = retention.get(name);
    return days === undefined ? [] : [act(actionId, tableOf(name), {days})];
  });

/** The jobs of scheduled maintenance, in the order of a night in UTC. */
export const JOBS: readonly JobSpec[] = [
  {
    id: 'create-partitions',
    does: 'makes the months of market data ahead, and those that rows in the default partition wait for',
    cron: '10 0 * * *',
    windowMinutes: 360,
    limitMinutes: 15,
    jitterMinutes: 5,
    market: 'any',
    steps: () => [act('create-partitions', tableOf('data_ingestion.market_data'))],
  },
  {
    id: 'archive-logs',
    does: 'moves old lines of logging.system_logs into the archive',
    cron: '40 0 * * *',
    windowMinutes: 240,
    limitMinutes: 60,
    jitterMinutes: 5,
    market: 'closed',
    steps: byAge('archive-logs', [LOGS]),
  },
  {
    id: 'purge-logs',
    does: 'deletes old rows of the log tables',
    cron: '10 1 * * *',
    windowMinutes: 240,
    limitMinutes: 60,
    jitterMinutes: 5,
    market: 'closed',
    steps: byAge('purge-logs', Object.keys(PURGED)),
  },
  {
    id: 'vacuum-analyze',
    does: 'vacuums and analyses every table, the one whose last vacuum is longest ago first',
    cron: '40 1 * * *',
    windowMinutes: 240,
    limitMinutes: 180,
    jitterMinutes: 10,
    market: 'closed',
    steps: () => [act('vacuum-analyze', {kind: 'database'})],
  },
  {
    id: 'detach-partitions',
    does: 'detaches months past their retention, where tables by month have one',
    cron: '20 5 2 * *',
    windowMinutes: 240,
    limitMinutes: 15,
    jitterMinutes: 5,
    market: 'closed',
    steps: byAge('detach-partitions', BY_MONTH),
  },
  {
    id: 'analyze',
    does: 'updates the planner’s statistics of every table by day',
    cron: '15 13 * * *',
    windowMinutes: 120,
    limitMinutes: 60,
    jitterMinutes: 10,
    market: 'any',
    steps: () => [act('analyze', {kind: 'database'})],
  },
  {
    id: 'backup-age',
    does: 'fails where the database was not backed up within the last day',
    cron: '5 */6 * * *',
    windowMinutes: 180,
    limitMinutes: 5,
    jitterMinutes: 5,
    market: 'any',
    steps: () => [{kind: 'backup-age'}],
  },
];
