import {withConnection} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import type {Incident, IncidentScene} from './incident.ts';

const run = (scene: IncidentScene, statement: string): Promise<unknown> =>
  withConnection(scene.admin, {name: 'standby-setup'}, client => client.query(readStatement(statement)));

/** A replication slot of a standby that is gone keeps WAL. */
export const slotLeak: Incident = {
  name: 'slot-leak',
  does: 'the replication slot of a standby that is gone keeps the server’s WAL',
  alerts: ['slot_unused'],
  begin: async scene => {
    await run(scene, 'demo/make_slot');
    return async () => void (await run(scene, 'demo/drop_slot'));
  },
};
