import Table from 'cli-table3';
import {ALERT_RULES} from '../alerts/alerts.ts';
import {limitText} from '../alerts/limits.ts';
import {configuredLimits} from '../alerts/settings.ts';
import {alertText} from '../alerts/wanting.ts';
import type {Config} from '../config/config.ts';
import {ageAt} from '../core/format.ts';
import {clock, isoMicros} from '../core/time.ts';
import type {Alert, State} from '../model/state.ts';
import {alertJson} from './alert-json.ts';
import {withStateOnce} from './state-once.ts';

/**
 * Reads every source once, those with rates twice, and prints what is wrong. Gives 1 when an alert is critical and not
 * muted, else 0; what could not be read is told on stderr.
 */
export function printAlerts(config: Config, {json}: {readonly json: boolean}): Promise<number> {
  return withStateOnce(config, {name: 'tradetop alerts', wait: true}, state => {
    process.stdout.write(`${json ? JSON.stringify(jsonOf(state), null, 2) : tableOf(state)}\n`);
    if (state.unread.length > 0)
      process.stderr.write(`Not read, so that nothing is known of it: ${state.unread.join(', ')}\n`);
    return state.alerts.some(alert => alert.severity === 'crit' && alert.mutedUntil === undefined) ? 1 : 0;
  });
}

const jsonOf = ({at, unread, alerts}: State): unknown => ({
  at: isoMicros(at),
  unread,
  alerts: alerts.map(alertJson),
});

function tableOf({alerts, at, unread}: State): string {
  if (alerts.length === 0) return unread.length === 0 ? 'No alerts.' : 'No alerts in what was read.';
  const table = newTable(['', 'since', 'alert', 'what', 'said', 'what to do']);
  for (const alert of alerts) {
    const sign = alert.causedBy === undefined ? alert.severity : `└ ${alert.severity}`;
    table.push([
      sign,
      ageAt(alert.since, at),
      alert.id,
      alertText({...alert, acknowledged: undefined}),
      said(alert),
      alert.todo,
    ]);
  }
  return table.toString();
}

/** What operators said of it. */
const said = ({acknowledged, mutedUntil}: Alert): string =>
  [
    ...(acknowledged === undefined ? [] : [`acknowledged by ${acknowledged.by ?? 'someone'}`, acknowledged.note]),
    mutedUntil === undefined ? undefined : `muted until ${clock(mutedUntil)}Z`,
  ]
    .filter(part => part !== undefined)
    .join(', ');

/** Prints the rules with the limits that are in force, and which of them the config file sets. Gives the exit code. */
export function printLimits(config: Config, {json}: {readonly json: boolean}): number {
  const own = configuredLimits(config.alerts);
  const rules = ALERT_RULES.map(rule => {
    const limits = own.get(rule.id) ?? rule.limits ?? {};
    return {
      rule: rule.id,
      when: rule.when,
      limits,
      owner: rule.owner,
      from: own.has(rule.id) ? 'config file' : 'default',
    };
  });
  if (json) {
    process.stdout.write(`${JSON.stringify(rules, null, 2)}\n`);
    return 0;
  }
  const table = newTable(['rule', 'when', 'limits', 'from', 'for']);
  for (const {rule, when, limits, owner, from} of rules) {
    table.push([rule, when, limits.off ? 'off' : limitText(limits), from, owner]);
  }
  process.stdout.write(`${table.toString()}\n`);
  return 0;
}

const newTable = (head: string[]) => new Table({head, style: {head: [], border: [], compact: true}});
