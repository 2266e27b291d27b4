import {hostname} from 'node:os';
import * as actions from '../../actions/index.ts';
import type {Config} from '../../config/config.ts';
import {failureOf, UserError} from '../../core/errors.ts';
import {nowMicros} from '../../core/time.ts';
import {unusable} from '../../io/pg-client.ts';
import {END_SIGNALS, type EndSignal, onSignals, SIGNAL_CODES} from '../../io/signals.ts';
import {loadSql} from '../../io/sql.ts';
import {maintenanceRows} from '../../monitor/maintenance.ts';
import {readSchedule} from '../../schedule/runs.ts';
import {createScheduler, type Scheduler} from '../../schedule/scheduler.ts';
import {scheduledJobs} from '../../schedule/settings.ts';
import {readOnce} from './read-once.ts';
import {jobsReport, listReport, onceReport} from './schedule-report.ts';
import {LAST_MS, serviceLog} from './service-log.ts';

type ScheduleFlags = {
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

const NAME = 'tradetop schedule';
/** Whatever hangs, the process ends so long after the signal, in milliseconds. */
const END_MS = 25_000;

/** Prints the last and the next run of each job. Gives the exit code: 1 where a run was missed or failed. */
export async function listMaintenance(config: Config, {json = false}: ScheduleFlags): Promise<number> {
  const rows = await readOnce(config, NAME, async pg => maintenanceRows(await pg.query('monitor/maintenance')));
  const {text, code} = listReport(rows, nowMicros(), json);
  process.stdout.write(`${text}\n`);
  return code;
}

/**
 * Runs scheduled maintenance: as a service until a signal, what is due with `--once`, and with `--dry-run` nothing, but it
 * prints when what would run. Gives the exit code; throws a UserError where it cannot be started.
 */
export async function scheduleMaintenance(config: Config, flags: ScheduleFlags): Promise<number> {
  const {once = false, dryRun = false, json = false} = flags;
  if (dryRun) {
    const read = await readOnce(config, NAME, readSchedule);
    const seen = {...read, host: hostname(), jobs: scheduledJobs(config.schedule, read.settings)};
    process.stdout.write(`${jobsReport(seen, json)}\n`);
    return 0;
  }
  if (config.readOnly) {
    throw new UserError(
      'Read-only: scheduled maintenance may change nothing here.',
      'To allow it: --no-read-only, or TRADETOP_READ_ONLY=0.',
    );
  }
  if (json && !once) throw new UserError('--json needs an end: it goes with --once, --dry-run and --list.');
  // What the config file has wrong is said at once; a server is not needed to start.
  scheduledJobs(config.schedule, null);
  const {logger: log, close: closeLog} = serviceLog(config, 'maintain');
  const scheduler = createScheduler({config, sql: loadSql(), actions: Object.values(actions), log});
  const stop = new AbortController();
  let asked: EndSignal | undefined;
  const restore = onSignals(END_SIGNALS, name => {
    asked ??= name;
    stop.abort();
    setTimeout(() => process.exit(1), END_MS).unref();
  });
  try {
    if (once)
      return await runOnce(config, scheduler, stop.signal, json).then(code => (asked ? SIGNAL_CODES[asked] : code));
    log.info({}, 'started');
    await scheduler.serve(stop.signal);
    log.info({}, 'ended');
    return 0;
  } finally {
    restore();
    await scheduler.close();
    await closeLog(LAST_MS);
  }
}

async function runOnce(config: Config, scheduler: Scheduler, signal: AbortSignal, json: boolean): Promise<number> {
  const done = await scheduler.once(signal).catch((error: unknown) => {
    const failure = failureOf(error);
    if (error instanceof UserError || (failure.sqlstate === undefined && failure.why === 'bug')) throw error;
    throw failure.sqlstate === undefined
      ? unusable(config.trading, error)
      : new UserError(`${failure.message}.`, failure.next);
  });
  const {text, code} = onceReport(done, json);
  process.stdout.write(`${text}\n`);
  return code;
}
