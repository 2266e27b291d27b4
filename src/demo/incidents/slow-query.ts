import {openClient} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import {closeAll, type Incident} from './incident.ts';

/** A statement that does not end. */
export const slowQuery: Incident = {
  name: 'slow-query',
  does: 'a statement of the analytics service runs on and on',
  endedBy: '`C` on the statement',
  alerts: ['long'],
  begin: async scene => {
    const session = await openClient(scene.as('svc_analytics'), {name: 'attribution-report'});
    session.query(readStatement('demo/slow_report')).catch(() => {});
    return () => closeAll([session]);
  },
};
