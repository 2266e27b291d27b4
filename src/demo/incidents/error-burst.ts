import {withConnection} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import {type Incident, repeat} from './incident.ts';

/** A service writes one error after another to the log. */
export const errorBurst: Incident = {
  name: 'error-burst',
  does: 'the execution service writes one error after another to the log',
  alerts: ['log_errors'],
  begin: scene =>
    Promise.resolve(
      repeat(
        () =>
          withConnection(scene.as('svc_logging'), {name: 'logging'}, client =>
            client.query(readStatement('demo/log_errors')),
          ),
        1000,
      ),
    ),
};
