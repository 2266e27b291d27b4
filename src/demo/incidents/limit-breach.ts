import {type Incident, type IncidentScene, runStatements} from './incident.ts';

const change = (scene: IncidentScene, statement: string): Promise<void> =>
  runStatements(scene.as('svc_risk_management'), 'risk_management', statement);

/** An account has more exposure than its limit allows. */
export const limitBreach: Incident = {
  name: 'limit-breach',
  does: 'the exposure limit of an account is lowered below what it holds',
  endedBy: '`S` on the limit, in Risk or on the alert',
  alerts: ['risk_breach'],
  begin: async scene => {
    await change(scene, 'demo/lower_limit');
    return () => change(scene, 'demo/restore_limit');
  },
};
