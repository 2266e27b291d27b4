import {withConnection} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import type {Incident, IncidentScene} from './incident.ts';

const change = (scene: IncidentScene, statement: string): Promise<unknown> =>
  withConnection(scene.as('svc_risk_management'), {name: 'risk_management'}, client =>
    client.query(readStatement(statement)),
  );

/** An account has more exposure than its limit allows. */
export const limitBreach: Incident = {
  name: 'limit-breach',
  does: 'the exposure limit of an account is lowered below what it holds',
  alerts: ['risk_breach'],
  begin: async scene => {
    await change(scene, 'demo/lower_limit');
    return async () => void (await change(scene, 'demo/restore_limit'));
  },
};
