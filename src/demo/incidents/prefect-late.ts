import {type Incident, runStatements} from './incident.ts';

/** Prefect's worker is gone: its flow runs are late. */
export const prefectLate: Incident = {
  name: 'prefect-late',
  does: 'Prefect’s worker is gone, and its flow runs are late',
  endedBy: 'no key: Prefect’s worker is started on its host',
  alerts: ['prefect_worker', 'prefect_late'],
  begin: async scene => {
    const run = (...statements: readonly string[]): Promise<void> =>
      // As their owner, whose tables the monitor may read.
      runStatements(scene.prefect, 'prefect-server', 'demo/as_prefect', ...statements);
    await run('demo/prefect_tables', 'demo/prefect_late');
    return () => run('demo/prefect_clear');
  },
};
