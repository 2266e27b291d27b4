import {type Incident, runStatements} from './incident.ts';

/** A table of which most rows are dead, because nothing vacuums it. */
export const deadRows: Incident = {
  name: 'dead-rows',
  does: 'autovacuum is switched off for a table, and most of its rows are deleted',
  endedBy: '`V` on the table',
  alerts: ['dead_rows'],
  begin: async scene => {
    const run = (...statements: readonly string[]): Promise<void> =>
      runStatements(scene.admin, 'quality-cleanup', ...statements);
    await run('demo/autovacuum_off', 'demo/fill_quality_logs', 'demo/empty_quality_logs');
    return () => run('demo/autovacuum_on', 'demo/vacuum_quality_logs');
  },
};
