import {plural} from '../core/format.ts';
import {type AlertRule, measured} from './rule.ts';

/** The desk's own notifications. */
export const notificationRules: readonly AlertRule[] = [
  {
    id: 'notifications_failed',
    when: 'notifications of the last hour were not sent',
    needs: ['notifications_failed'],
    owner: 'platform',
    todo: 'Look at the channel’s address and secret; whoever waits for these messages does not get them.',
    limits: {unit: 'count', warn: 0, crit: 10},
    find: ({samples}) =>
      samples.notifications_failed.rows.flatMap(({channel, failed, waiting, lastError, lastFailedAt}) => {
        const parts = [
          ...(failed > 0 ? [`${plural(failed, 'notification')} by ${channel} failed in the last hour`] : []),
          ...(waiting > 0 ? [`${plural(waiting, 'notification')} by ${channel} wait`] : []),
        ];
        const reason = lastError === undefined ? '' : `: ${lastError}`;
        return measured(failed + waiting, {
          subject: channel,
          text: `${parts.join(', ')}${reason}`,
          cause: lastError,
          since: lastFailedAt,
          row: {pane: 'logs', where: {channel}},
        });
      }),
  },
];
