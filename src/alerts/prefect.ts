import {age, decimal, plural} from '../core/format.ts';
import type {PrefectRunRow} from '../monitor/prefect-runs.ts';
import {LIMITS, near} from './limits.ts';
import {longTimes, runSeverity, workerPoolSeverity} from './prefect-state.ts';
import {type AlertRule, found, measured, type Seen} from './rule.ts';

const runsOf = ({samples}: Seen, kind: PrefectRunRow['kind']): readonly PrefectRunRow[] =>
  samples.prefect_runs.rows.filter(run => run.kind === kind);

const nameOf = ({flow, name}: PrefectRunRow): string => (flow === undefined ? name : `${flow} (${name})`);
const rowOf = ({id}: PrefectRunRow) => ({pane: 'prefect', key: `run ${id}`}) as const;

/** Prefect's flow runs, workers and work pools. */
export const prefectRules: readonly AlertRule[] = [
  {
    id: 'prefect_late',
    when: 'a flow run is due and has not started',
    needs: ['prefect_runs'],
    owner: 'platform',
    todo: 'See whether a worker runs for its work pool: prefect worker start --pool …',
    limits: {unit: 'seconds', ...LIMITS.lateRun},
    find: state => {
      const [oldest, ...others] = runsOf(state, 'late');
      if (oldest === undefined) return [];
      const more =
        others.length === 0 ? '' : `, and ${plural(others.length, 'other run is late', 'other runs are late')}`;
      const pools = state.samples.prefect_workers.rows.filter(row => workerPoolSeverity(row) !== 'ok');
      const pool = pools.find(row => row.kind === 'pool');
      return measured(oldest.seconds, {
        text: `Flow run ${nameOf(oldest)} is ${age(oldest.seconds)} late${more}`,
        row: rowOf(oldest),
        causedBy: pool && pools.length > 0 ? `prefect_pool:${pool.name}` : undefined,
      });
    },
  },
  {
    id: 'prefect_failed',
    when: 'a flow run of the last 24 hours failed or crashed, and no later run of its flow has completed',
    needs: ['prefect_runs'],
    owner: 'platform',
    todo: 'Read its logs in Prefect (prefect flow-run logs ID), and run it again.',
    find: state => {
      const failed = runsOf(state, 'failed').filter(run => runSeverity(run) !== 'ok');
      const flows = [...new Map(failed.map(run => [run.flow ?? run.name, run] as const).toReversed()).entries()];
      return flows.flatMap(([flow, run]) =>
        found('warn', {
          subject: flow,
          text: `Flow run ${nameOf(run)} ${run.stateName ?? run.stateType} ${age(run.seconds)} ago`,
          since: state.at - run.seconds * 1e6,
          row: rowOf(run),
        }),
      );
    },
  },
  {
    id: 'prefect_long',
    when: 'a flow run takes much longer than its flow usually does',
    needs: ['prefect_runs'],
    owner: 'platform',
    todo: 'Read its logs in Prefect; cancel it there if it hangs (prefect flow-run cancel ID).',
    limits: {unit: 'times', ...LIMITS.longRun},
    find: (state, limits) =>
      runsOf(state, 'running').flatMap(run => {
        const value = longTimes(run);
        if (value === undefined || !near(value, limits)) return [];
        return measured(value, {
          subject: run.id,
          text: `Flow run ${nameOf(run)} has run for ${age(run.seconds)}, ${decimal(value)} times its usual ${age(run.usualSeconds)}`,
          row: rowOf(run),
        });
      }),
  },
  {
    id: 'prefect_worker',
    when: 'the last worker of a work pool gives no sign of life',
    needs: ['prefect_workers'],
    owner: 'platform',
    todo: 'Look at its host and log; prefect worker start --pool … starts another.',
    find: ({at, samples}) => {
      const silent = samples.prefect_workers.rows.filter(
        row => row.kind === 'worker' && workerPoolSeverity(row) !== 'ok',
      );
      // Of each pool the one that was heard last.
      const last = new Map(silent.map(row => [row.pool ?? row.name, row] as const));
      return [...last].flatMap(([pool, {name, seconds = 0}]) =>
        found('warn', {
          subject: pool,
          text: `Pool ${pool} has no worker: ${name} silent for ${age(seconds)}`,
          since: at - seconds * 1e6,
          row: {pane: 'prefect', key: `worker ${name}`},
        }),
      );
    },
  },
  {
    id: 'prefect_pool',
    when: 'a work pool is not ready',
    needs: ['prefect_workers'],
    owner: 'platform',
    todo: 'Start a worker for it: prefect worker start --pool …',
    find: ({samples}) =>
      samples.prefect_workers.rows
        .filter(row => row.kind === 'pool' && workerPoolSeverity(row) !== 'ok')
        .flatMap(({name, online}) =>
          found('warn', {
            subject: name,
            text: `Work pool ${name} is not ready: ${plural(online, 'worker works', 'workers work')} for it`,
            row: {pane: 'prefect', key: `pool ${name}`},
            causedBy: `prefect_worker:${name}`,
          }),
        ),
  },
];
