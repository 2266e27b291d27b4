import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {nowMicros} from '../core/time.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import {onSignals} from '../io/signals.ts';
import {loadSql} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import {CHECK_GROUPS, CHECK_WINDOW_HOURS, type Check} from '../verify/check.ts';
import {readChecks} from '../verify/read-checks.ts';
import {CHECK_SETTINGS, runChecks} from '../verify/run.ts';
import {checkLines, checksExitCode, checksJson, checksSummary, summaryLine, windowLine} from './shared/check-report.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop verify`: runs every check, or some groups of them. */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'checks the set-up, the data and the server’s health',
  details: [
    'Exit code 0 when no check failed, 1 when a check failed, 2 when no check could run.',
    'The rows shown are violations; each check says what to do about them.',
    `Of the data it looks at what was created or applied in the last ${CHECK_WINDOW_HOURS} h, so that it takes as long after a year as`,
    'after a week. --full looks at everything.',
  ].join('\n'),
  flags: {
    only: {type: 'string', value: 'GROUPS', help: 'setup, data and health, or some of them, separated by commas'},
    full: {type: 'boolean', help: 'check all data, however old'},
    json: {type: 'boolean', help: 'one JSON document'},
    strict: {type: 'boolean', help: 'count warnings and skipped checks as failures'},
  },
  run: async ({flags, config}) => {
    const {full = false, json = false} = flags;
    const only = partsOf(flags.only, CHECK_GROUPS);
    const {trading, ascii} = config();
    const pg = openForChecks(trading, full);
    const stop = new AbortController();
    const cancel = () => {
      stop.abort();
      pg.drop();
    };
    const restore = onSignals(['SIGINT'], cancel, {once: true});
    try {
      const at = nowMicros();
      await pg.withClient(async () => {}).catch((error: unknown) => Promise.reject(unusable(trading, error)));
      const print = (text: string) => process.stdout.write(`${text}\n`);
      const progress = full ? progressOn(process.stderr) : undefined;
      const results = await runChecks(pg, readChecks(pg.sql), {
        only,
        full,
        signal: stop.signal,
        onStart: progress?.begins,
        onResult: result => {
          progress?.ends();
          if (!json) print(checkLines(result, ascii).join('\n'));
        },
      });
      const summary = checksSummary(results);
      if (json) print(checksJson(at, results, full));
      else print([summaryLine(summary), ...(only.includes('data') ? [windowLine(full)] : [])].join('\n'));
      if (stop.signal.aborted) return 130;
      if (summary.skip === results.length) throw new UserError('No check could run.', results[0]?.why ?? '');
      return checksExitCode(summary, flags.strict);
    } finally {
      restore();
      await pg.close();
    }
  },
});

/** Timeouts of its own: a sum over all trades may take longer than a poll of the console. */
const openForChecks = (trading: PgTarget, full: boolean): Pg =>
  openPg(trading, loadSql(), {
    name: 'tradetop verify',
    max: 1,
    statementMs: full ? 1_800_000 : 120_000,
    lockMs: 2000,
    leavesAt: '1s',
    reads: 'as monitor',
    settings: CHECK_SETTINGS,
  });

type Progress = {readonly begins: (check: Check, place: number, of: number) => void; readonly ends: () => void};

/** Says which check is running: on a terminal in one line, which goes when the check ends; elsewhere in a line for each. */
function progressOn(stream: NodeJS.WriteStream): Progress {
  const clear = '\r\x1b[2K';
  return {
    begins: ({title}, place, of) => {
      const line = `check ${place} of ${of}: ${title}`;
      stream.write(stream.isTTY ? `${clear}${line.slice(0, (stream.columns ?? 80) - 1)}` : `${line}\n`);
    },
    ends: () => {
      if (stream.isTTY) stream.write(clear);
    },
  };
}

/** Parses `--only`: some of `allowed`, separated by commas; all of them where it was not given. */
export function partsOf<const T extends string>(text: string | undefined, allowed: readonly T[]): readonly T[] {
  if (text === undefined) return allowed;
  const words = text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '');
  const wrong = words.find(word => !allowed.some(a => a === word));
  if (wrong !== undefined || words.length === 0) {
    const all = `It takes: ${allowed.join(', ')}`;
    throw new UserError(`--only does not know ${JSON.stringify(wrong ?? '')}.`, didYouMean(wrong ?? '', allowed, all));
  }
  return allowed.filter(a => words.includes(a));
}
