import type {WatchedAlerts} from '../app/alert-watch.ts';
import type {ConfigFlags} from '../config/config.ts';
import {roleTarget} from '../config/role-target.ts';
import {envOf} from '../config/settings.ts';
import {UserError} from '../core/errors.ts';
import {nextSignal} from '../io/signals.ts';
import {defineCommand} from './shared/command.ts';
import {LAST_MS, serviceLog} from './shared/service-log.ts';
import {watchedAlerts} from './shared/watched-alerts.ts';

/** `tradetop notify`: sends alerts to people, as a service or once. At a signal it ends within 10 s. */
export const notifyCommand = defineCommand({
  name: 'notify',
  summary: 'sends alerts to people as notification.notification_configs says: webhook, Slack, e-mail, Telegram',
  details: [
    'Runs until SIGTERM or SIGINT. Each change of an alert (fired, critical now, cleared) is told once; what changes within',
    'five seconds is one message, and a receiver gets at most five messages a minute. Muted and acknowledged alerts, and mere',
    'effects of others, are not told. What fails is tried again; a message with a critical alert until it is sent. Every try is',
    'in notification.notification_logs. Of several notifiers one is active, and the others wait. Logs JSON lines to stderr or',
    '--log-file, and to logging.system_logs where it may.',
    '',
    'It reads the alerts as tradetop_monitor where TRADETOP_MONITOR_PASSWORD is set, and configurations and secrets as',
    'svc_notification where SVC_NOTIFICATION_PASSWORD is set, else as the configured user. Secrets are opened with',
    'TRADETOP_SECRET_KEY, or with TRADETOP_NEW_SECRET_KEY while they are rotated. --once, --dry-run, --test and --check do what',
    'they say and end; exit code 1 where something was not sent or is missing.',
  ].join('\n'),
  flags: {
    once: {type: 'boolean', help: 'send what has changed since the last time, each with one try, and end'},
    dryRun: {type: 'boolean', help: 'print what would be sent; send and change nothing'},
    test: {type: 'string', value: 'NAME', help: 'send a test message to this receiver, and print what it answers'},
    check: {type: 'boolean', help: 'say what is missing: rights, configurations, secrets, their key'},
  },
  run: async ({flags, config}) => {
    const asked = [flags.once, flags.dryRun, flags.test, flags.check].filter(one => one !== undefined && one !== false);
    if (asked.length > 1) throw new UserError('--once, --dry-run, --test and --check exclude each other.');
    const [settings, env] = [config(), envOf(flags as ConfigFlags)];
    if (asked.length === 1) {
      const {printNotifyCheck, printNotifyOnce, printNotifyTest} = await import('../app/print-notify.ts');
      if (flags.check) return printNotifyCheck(settings, env);
      if (flags.test !== undefined) return printNotifyTest(settings, env, flags.test);
      return printNotifyOnce(settings, env, {dryRun: flags.dryRun === true});
    }
    const trading = roleTarget(settings.trading, 'svc_notification', env);
    const {logger: log, close: closeLog} = serviceLog({...settings, trading}, 'notify');
    const {NOTIFY_EVERY_MS, startAlertNotifier} = await import('../app/notify.ts');
    let alerts: WatchedAlerts | undefined;
    const watching = {config: settings, env, name: 'tradetop notify', log, everyMs: NOTIFY_EVERY_MS};
    void watchedAlerts(watching).then(watched => {
      alerts = watched;
    });
    const notifier = startAlertNotifier(settings, env, () => alerts?.now(), log);
    log.info('started');
    await nextSignal().code;
    // Whatever hangs, the process ends within 10 s of the signal.
    setTimeout(() => process.exit(1), 9800).unref();
    await notifier.close();
    await alerts?.close();
    await closeLog(LAST_MS);
    setTimeout(() => process.exit(0), 100).unref();
    return 0;
  },
});
