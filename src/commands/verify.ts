import {UserError} from '../core/errors.ts';
import {nowMicros} from '../core/time.ts';
import {openPg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import {onSignals} from '../io/signals.ts';
import {loadSql} from '../io/sql.ts';
import {CHECK_GROUPS} from '../verify/check.ts';
import {readChecks} from '../verify/read-checks.ts';
import {runChecks} from '../verify/run.ts';
import {checkLines, checksExitCode, checksJson, checksSummary, summaryLine} from './shared/check-report.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop verify`: runs every check, or some groups of them. */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'checks the set-up, the data and the server’s health',
  details:
    'Exit code 0 when no check failed, 1 when a check failed, 2 when no check could run.\n' +
    'The rows shown are violations; each check says what to do about them.',
  flags: {
    only: {type: 'string', value: 'GROUPS', help: 'setup, data and health, or some of them, separated by commas'},
    json: {type: 'boolean', help: 'one JSON document'},
    strict: {type: 'boolean', help: 'count warnings and skipped checks as failures'},
  },
  run: async ({flags, config}) => {
    const only = partsOf(flags.only, CHECK_GROUPS);
    const {trading, ascii} = config();
    // Timeouts of its own: a sum over all trades may take longer than a poll of the console.
    const pg = openPg(trading, loadSql(), {
      name: 'tradetop verify',
      max: 1,
      statementMs: 120_000,
      lockMs: 2000,
      reads: 'as monitor',
    });
    const stop = new AbortController();
    const restore = onSignals(['SIGINT'], () => stop.abort(), {once: true});
    try {
      const at = nowMicros();
      await pg.withClient(async () => {}).catch((error: unknown) => Promise.reject(unusable(trading, error)));
      const print = (text: string) => process.stdout.write(`${text}\n`);
      const results = await runChecks(pg, readChecks(pg.sql), {
        only,
        signal: stop.signal,
        onResult: flags.json ? undefined : result => print(checkLines(result, ascii).join('\n')),
      });
      const summary = checksSummary(results);
      print(flags.json ? checksJson(at, results) : summaryLine(summary));
      if (stop.signal.aborted) return 130;
      if (summary.skip === results.length) throw new UserError('No check could run.', results[0]?.why ?? '');
      return checksExitCode(summary, flags.strict);
    } finally {
      restore();
      await pg.close();
    }
  },
});

/** Parses `--only`: some of `allowed`, separated by commas; all of them where it was not given. */
export function partsOf<const T extends string>(text: string | undefined, allowed: readonly T[]): readonly T[] {
  if (text === undefined) return allowed;
  const words = text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '');
  const wrong = words.find(word => !allowed.some(a => a === word));
  if (wrong !== undefined || words.length === 0) {
    throw new UserError(`--only does not know ${JSON.stringify(wrong ?? '')}.`, `It takes: ${allowed.join(', ')}`);
  }
  return allowed.filter(a => words.includes(a));
}
