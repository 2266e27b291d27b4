import {type Incident, repeat, runStatements} from './incident.ts';

/** A service writes one error after another to the log. */
export const errorBurst: Incident = {
  name: 'error-burst',
  does: 'the execution service writes one error after another to the log',
  endedBy: 'no key: the service has to be corrected; `a` takes the alert on',
  alerts: ['log_errors'],
  begin: async scene => repeat(() => runStatements(scene.as('svc_logging'), 'logging', 'demo/log_errors'), 1000),
};
