import Table from 'cli-table3';
import {ALERT_RULES} from '../alerts/alerts.ts';
import {limitText} from '../alerts/limits.ts';
import {checkedAlerts, limitsInForce} from '../alerts/settings.ts';
import {alertText} from '../alerts/wanting.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {ageAt} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {clock, isoMicros} from '../core/time.ts';
import type {Alert, LimitField, State} from '../model/state.ts';
import type {AlertLimitsRow} from '../monitor/system-settings.ts';
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

/**
 * Prints the rules with the limits that are in force, and what sets them. `database`: the setting alerts.limits, as it was
 * read; an error says why it was not. Gives the exit code: 1 where a limit of the database is wrong or none is known.
 */
export function printLimits(
  config: Config,
  {json, database}: {readonly json: boolean; readonly database: readonly AlertLimitsRow[] | UserError},
): number {
  const unread = database instanceof UserError ? database : undefined;
  const known = database instanceof UserError ? [] : database;
  const {byRule, from, wrong} = limitsInForce(checkedAlerts(config.alerts), known);
  const rules = ALERT_RULES.map(rule => ({
    rule: rule.id,
    when: rule.when,
    limits: byRule.get(rule.id) ?? rule.limits ?? {},
    owner: rule.owner,
    from: setBy(from.get(rule.id)),
  }));
  if (json) process.stdout.write(`${JSON.stringify(rules, null, 2)}\n`);
  else {
    const table = newTable(['rule', 'when', 'limits', 'from', 'for']);
    for (const {rule, when, limits, owner, from: source} of rules) {
      table.push([rule, when, limits.off ? 'off' : limitText(limits), source, owner]);
    }
    process.stdout.write(`${table.toString()}\n`);
  }
  if (unread) process.stderr.write(`The database’s limits are unknown: ${sanitise(unread.message)}\n`);
  for (const what of wrong) process.stderr.write(`Not used: ${what}\n`);
  return wrong.length > 0 || unread ? 1 : 0;
}

/** `config file`, or where several set something `config file (warn), database (crit)`; `default` where nothing does. */
function setBy(fields: ReadonlyMap<LimitField, string> = new Map()): string {
  const sources = Map.groupBy(fields, ([, source]) => source);
  if (sources.size < 2) return [...sources.keys()][0] ?? 'default';
  return [...sources].map(([source, set]) => `${source} (${set.map(([field]) => field).join(', ')})`).join(', ');
}

const newTable = (head: string[]) => new Table({head, style: {head: [], border: [], compact: true}});
