import {alertAcknowledgeEdit} from '../actions/alert-acknowledge.ts';
import {alertMuteEdit} from '../actions/alert-mute.ts';
import {ALERT_RULES} from '../alerts/alerts.ts';
import {printAlerts, printLimits} from '../app/print-alerts.ts';
import {ofUser, UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {readAlertLimits} from '../monitor/system-settings.ts';
import {defineCommand} from './shared/command.ts';
import {runEdit} from './shared/edit-list.ts';
import {readOnce} from './shared/read-once.ts';
import {ACTION_FLAGS} from './shared/run-action.ts';

const MOST_ALERTS = 100;
const VERBS = ['ack', 'mute', 'unmute'];
const NAME = 'tradetop alerts';

/** `tradetop alerts`: what is wrong, and what operators say of it. */
export const alertsCommand = defineCommand({
  name: 'alerts',
  summary: 'what is wrong, the worst first; acknowledges and mutes alerts',
  args: '[list] | limits | ack ID… | mute ID… | unmute ID…',
  words: [0, MOST_ALERTS + 1],
  details: [
    'Reads every source once (what has rates twice, a second apart). Exit code 1 when an alert is critical and not muted.',
    'What could not be read is told on stderr. What shows only in the course of time, such as silence, is for the console.',
    '',
    'ack and mute are kept in the database, for all consoles, and recorded in shared.audit_log. An acknowledged alert stays',
    'in the list until it ends; a muted one comes back when its time is over. ID is an alert’s; mute and unmute take that of',
    'a rule, too, for all its alerts. limits shows the rules with their limits. The config file changes them, and for all hosts',
    'the system setting alerts.limits (tradetop config set), in the same words; of each limit the file’s value comes first:',
    '  {"alerts": {"oldest_xact": {"warn": "5m", "crit": "30m", "for": "10s"}, "bus_rejected": {"off": true}}}',
  ].join('\n'),
  flags: {
    note: {type: 'string', value: 'TEXT', help: 'ack: what you say of it'},
    for: {type: 'string', value: 'TIME', help: 'mute: for how long: 30m, 2h, 1d (1h)'},
    ...ACTION_FLAGS,
  },
  run: async ({input, flags, config}) => {
    const [verb, ...ids] = input;
    const json = flags.json === true;
    if (verb === undefined || (verb === 'list' && ids.length === 0)) return printAlerts(config(), {json});
    if (verb === 'limits' && ids.length === 0) {
      const database = await readOnce(config(), NAME, readAlertLimits).catch(ofUser);
      return printLimits(config(), {json, database});
    }
    if (!VERBS.includes(verb) || ids.length === 0) {
      throw new UserError(
        'tradetop alerts takes: list, limits, or ack, mute or unmute with alerts’ ids.',
        didYouMean(verb, ['list', 'limits', ...VERBS], 'See tradetop alerts --help.'),
      );
    }
    const keys = [...new Set(ids)];
    for (const id of keys) checkId(id);
    if (verb === 'ack') {
      const edit = flags.note === undefined ? {} : {note: flags.note};
      return runEdit({config: config(), name: NAME, spec: alertAcknowledgeEdit, keys, edit, flags});
    }
    const edit = verb === 'unmute' ? {unmute: true} : {muteMinutes: minutesOf(flags.for ?? '1h'), unmute: false};
    return runEdit({config: config(), name: NAME, spec: alertMuteEdit, keys, edit, flags});
  },
});

/** Throws where no rule gives such an alert. */
function checkId(id: string): void {
  const rule = id.split(':')[0] ?? '';
  const rules = ALERT_RULES.map(one => one.id);
  if (rules.includes(rule)) return;
  throw new UserError(
    `${sanitise(id, 80)} is not an alert’s id.`,
    didYouMean(rule, rules, 'See: tradetop alerts list --json'),
  );
}

const UNITS: Readonly<Record<string, number>> = {m: 1, h: 60, d: 1440};

function minutesOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const minutes = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (Number.isInteger(minutes) && minutes > 0) return minutes;
  throw new UserError(`--for is ${JSON.stringify(text)}; it must be a time such as 30m, 2h or 1d.`);
}
