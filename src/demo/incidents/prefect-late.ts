import {withConnection} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import type {Incident} from './incident.ts';

/** Prefect's worker is gone: its flow runs are late. */
export const prefectLate: Incident = {
  name: 'prefect-late',
  does: 'Prefect’s worker is gone, and its flow runs are late',
  alerts: ['prefect_late', 'prefect_worker'],
  begin: async scene => {
    const run = (...statements: readonly string[]): Promise<void> =>
      withConnection(scene.prefect, {name: 'prefect-server'}, async client => {
        // As their owner, whose tables the monitor may read.
        await client.query(readStatement('demo/as_prefect'));
        for (const statement of statements) await client.query(readStatement(statement));
      });
    await run('demo/prefect_tables', 'demo/prefect_late');
    return () => run('demo/prefect_clear');
  },
};
