import {setTimeout as wait} from 'node:timers/promises';
import * as actions from '../../actions/index.ts';
import {loadConfig} from '../../config/config.ts';
import type {ScheduleSettings} from '../../config/settings.ts';
import {failureOf} from '../../core/errors.ts';
import {connectionless} from '../../demo/demo-env.ts';
import {openLog} from '../../io/log.ts';
import {loadSql} from '../../io/sql.ts';
import {createScheduler} from '../../schedule/scheduler.ts';

/** Jobs that a short demo shows at work; nobody backs it up, and a busy machine misses none. */
const SCHEDULE: ScheduleSettings = {
  jobs: {
    analyze: {cron: '*/3 * * * *', windowMinutes: 60, limitMinutes: 2, jitterMinutes: 0},
    'create-partitions': {cron: '1-59/20 * * * *', windowMinutes: 60, limitMinutes: 2, jitterMinutes: 0},
    'backup-age': {off: true},
  },
};

/** The first screen comes before the first run. */
const LATER_MS = 10_000;

/**
 * Begins scheduled maintenance of a demo in this process, until the signal aborts. Its log is `logFile`. Never rejects: a demo
 * does not end with it.
 */
export async function startDemoSchedule(
  env: Readonly<Record<string, string>>,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  await wait(LATER_MS, undefined, {signal}).catch(() => {});
  if (signal.aborted) return;
  const log = openLog(logFile);
  try {
    const config = {...loadConfig({}, {...connectionless(process.env), ...env}), schedule: SCHEDULE};
    const scheduler = createScheduler({config, sql: loadSql(), actions: Object.values(actions), log});
    await scheduler.serve(signal);
    await scheduler.close();
  } catch (error) {
    log.error({error: failureOf(error).message}, 'scheduled maintenance ended');
  }
}
