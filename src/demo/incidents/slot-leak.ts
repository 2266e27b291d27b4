import {type Incident, type IncidentScene, runStatements} from './incident.ts';

const run = (scene: IncidentScene, statement: string): Promise<void> =>
  runStatements(scene.admin, 'standby-setup', statement);

/** A replication slot of a standby that is gone keeps WAL. */
export const slotLeak: Incident = {
  name: 'slot-leak',
  does: 'the replication slot of a standby that is gone keeps the server’s WAL',
  endedBy: '`:` drop-slot on the slot, in Server or on the alert, by a role with REPLICATION',
  alerts: ['slot_unused'],
  begin: async scene => {
    await run(scene, 'demo/make_slot');
    return () => run(scene, 'demo/drop_slot');
  },
};
