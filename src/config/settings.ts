import {readFileSync, statSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {parseEnv} from 'node:util';
import {z} from 'zod';
import type {Env} from '../core/env.ts';
import {UserError} from '../core/errors.ts';

/** A limit: a number in the rule's unit, or a text with one of its own. */
const limit = z.union([z.number(), z.string()]).optional();
const alertSetting = z.strictObject({warn: limit, crit: limit, clear: limit, for: limit, off: z.boolean().optional()});

/** What can be set of a job of scheduled maintenance; minutes are whole. */
const job = z.strictObject({
  /** A cron expression: minute, hour, day of the month, month, day of the week. */
  cron: z.string().optional(),
  /** From when it is due to when a run stops. */
  windowMinutes: z.int().min(1).max(1440).optional(),
  /** A run takes no longer. */
  limitMinutes: z.int().min(1).max(1440).optional(),
  /** It starts up to so much later than it is due, by chance. */
  jitterMinutes: z.int().min(0).max(720).optional(),
  /** What has not started so long after it was due was missed. */
  graceMinutes: z.int().min(1).max(1440).optional(),
  /** Whether it runs at any time, or only while the market is closed. */
  market: z.enum(['any', 'closed']).optional(),
  off: z.boolean().optional(),
});

/** Scheduled maintenance, in the config file and in the system setting maintenance.schedule. */
export const scheduleSchema = z.strictObject({
  /** The time zone of the cron expressions: a name such as Europe/London. */
  timezone: z.string().optional(),
  jobs: z.record(z.string(), job).optional(),
  /** Days that rows are kept, or `keep`, by table. */
  retention: z.record(z.string(), z.union([z.int().min(1).max(36_500), z.literal('keep')])).optional(),
});
export type ScheduleSettings = z.infer<typeof scheduleSchema>;

const settings = z.strictObject({
  /** Thresholds of alerts, by rule. */
  alerts: z.record(z.string(), alertSetting).optional(),
  environment: z.string().optional(),
  readOnly: z.boolean().optional(),
  host: z.string().optional(),
  port: z.number().optional(),
  database: z.string().optional(),
  user: z.string().optional(),
  sslmode: z.string().optional(),
  sslrootcert: z.string().optional(),
  sslcert: z.string().optional(),
  sslkey: z.string().optional(),
  prefectDatabase: z.string().optional(),
  prefectUser: z.string().optional(),
  redisUrl: z.string().optional(),
  slowMs: z.number().optional(),
  clockAheadS: z.number().optional(),
  refreshMs: z.number().optional(),
  ascii: z.boolean().optional(),
  bell: z.boolean().optional(),
  maskAccounts: z.string().optional(),
  logFile: z.string().optional(),
  schedule: scheduleSchema.optional(),
  views: z.record(z.string(), z.array(z.string())).optional(),
});
const configFile = settings.extend({profiles: z.record(z.string(), settings).optional()});
export type SystemSettings = z.infer<typeof settings>;

/** Reads the config file: the settings of the chosen profile override those of its top level. Without a file: none. */
export function readSettings(
  flags: {readonly config?: string | undefined; readonly profile?: string | undefined},
  env: Env,
): SystemSettings {
  const named = flags.config ?? env.TRADETOP_CONFIG;
  const path = named ?? join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), '.config'), 'tradetop', 'config.json');
  const text = readText(path, named === undefined);
  if (text === undefined) {
    if (flags.profile)
      throw new UserError(
        `There is no profile ${flags.profile}: ${path} does not exist.`,
        'Create the file, or leave --profile out.',
      );
    return {};
  }
  if (/"(?:\w*password|redisUrl)"\s*:/i.test(text) && /password|:\/\/[^"]*:[^"@]+@/i.test(text))
    refuseReadableByOthers(path);
  const parsed = configFile.safeParse(parseJson(text, path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(
      `${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'is invalid'}.`,
      'Correct the config file.',
    );
  }
  const {profiles = {}, ...top} = parsed.data;
  if (!flags.profile) return top;
  const profile = profiles[flags.profile];
  if (!profile) {
    throw new UserError(
      `${path} has no profile ${flags.profile}.`,
      `It has: ${Object.keys(profiles).join(', ') || 'none'}.`,
    );
  }
  const {alerts, schedule} = profile;
  return {...top, ...profile, alerts: merged(top.alerts, alerts), schedule: mergedSchedule(top.schedule, schedule)};
}

/** Some schedule settings over others, each value by itself. */
export const mergedSchedule = (under: ScheduleSettings = {}, over: ScheduleSettings = {}): ScheduleSettings => ({
  ...under,
  ...over,
  jobs: mergedJobs(under.jobs, over.jobs),
  retention: {...under.retention, ...over.retention},
});

const mergedJobs = (under: ScheduleSettings['jobs'] = {}, over: ScheduleSettings['jobs'] = {}) => ({
  ...under,
  ...Object.fromEntries(Object.entries(over).map(([id, setting]) => [id, {...under[id], ...setting}])),
});

type AlertSettings = SystemSettings['alerts'];

/** A profile's thresholds over those of the top level, each by itself. */
const merged = (top: AlertSettings = {}, profile: AlertSettings = {}): AlertSettings => ({
  ...top,
  ...Object.fromEntries(Object.entries(profile).map(([rule, setting]) => [rule, {...top[rule], ...setting}])),
});

function refuseReadableByOthers(path: string): void {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new UserError(`${path} contains a password and other users can read it.`, `Run: chmod 600 ${path}`);
  }
}

/**
 * The environment, with the variables of the file that --env-file names over it. What is empty, there or here, counts as
 * unset, as in libpq.
 */
export const envOf = ({envFile}: {readonly envFile?: string | undefined}, env: Env = process.env): Env => ({
  ...filled(env),
  ...(envFile ? filled(readEnvFile(envFile)) : {}),
});

const filled = (env: Env): Env => Object.fromEntries(Object.entries(env).filter(([, value]) => value));

/** The variables of a `.env` file. @internal */
export const readEnvFile = (path: string): Env => parseEnv(readText(path, false) ?? '') as Env;

function readText(path: string, mayBeMissing: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && mayBeMissing) return undefined;
    throw new UserError(`Cannot read ${path} (${code}).`, 'Check the path and its permissions.');
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is not valid JSON: ${(error as Error).message}.`, 'Correct the config file.');
  }
}
