import {type AlertRule, found} from './rule.ts';

/** The thresholds of the alerts themselves, as shared.system_config has them. */
export const limitSettingRules: readonly AlertRule[] = [
  {
    id: 'alert_limits',
    when: 'the setting alerts.limits has a wrong value: that of the rule itself counts in its place',
    needs: ['alert_limits'],
    owner: 'platform',
    todo: 'tradetop config set alerts.limits; tradetop alerts limits shows what counts, and says all that is wrong',
    find: ({limits: {wrong}}) => {
      const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
      return found(wrong.length === 0 ? 'ok' : 'warn', {
        text: `A threshold in the database is wrong and not used: ${wrong[0]}${more}`,
      });
    },
  },
];
