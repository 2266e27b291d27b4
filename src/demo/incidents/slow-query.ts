import {readStatement} from '../../io/sql.ts';
import {closeAll, deskSession, type Incident} from './incident.ts';

/** A statement that does not end. */
export const slowQuery: Incident = {
  name: 'slow-query',
  does: 'a statement of the analytics service runs on and on',
  alerts: ['long'],
  begin: async scene => {
    const session = await deskSession(scene.as('svc_analytics'), 'attribution-report');
    session.query(readStatement('demo/slow_report')).catch(() => {});
    return () => closeAll([session]);
  },
};
