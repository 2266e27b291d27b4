import {age, plural} from '../core/format.ts';
import {LIMITS} from './limits.ts';
import {serviceRow} from './places.ts';
import {servicePools} from './published-pools.ts';
import {type AlertRule, measured} from './rule.ts';

/** Pools of connections whose callers wait, as the services publish them. */
export const poolRules: readonly AlertRule[] = [
  {
    id: 'pool_exhausted',
    when: 'calls of a service wait for a connection of its own pool',
    needs: ['bus'],
    owner: 'database',
    todo: 'Look for long queries and transactions of the service in Sessions; a larger pool only helps where the server has room.',
    limits: {unit: 'seconds', ...LIMITS.poolWait},
    find: state =>
      servicePools(state).flatMap(({service, seconds, since, worst}) =>
        worst === undefined
          ? []
          : measured(seconds, {
              subject: service,
              text: `${plural(worst.waiting, 'call waits', 'calls wait')} for a connection of ${service}’s pool ${worst.pool} for ${age(seconds)}: ${worst.inUse} of ${worst.max} in use`,
              since,
              row: serviceRow(state, service),
            }),
      ),
  },
];
