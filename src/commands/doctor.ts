import {UserError} from '../core/errors.ts';
import {plural} from '../core/format.ts';
import {unknownWord} from '../core/nearest.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import {type Finding, finding, findingsSummary} from '../doctor/finding.ts';
import {examinePostgres} from '../doctor/postgres.ts';
import {examinePrefect} from '../doctor/prefect.ts';
import {examineRedis} from '../doctor/redis.ts';
import {loadSql} from '../io/sql.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop doctor`: what each feature lacks on these servers, and how to fix it. */
export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'reports what each feature lacks, with the statement that fixes it',
  details:
    'Changes nothing. Exit code 0 when nothing is missing (there may be warnings), 1 when a feature lacks\n' +
    'something, 2 when PostgreSQL could not be reached.',
  flags: {
    json: {type: 'boolean', help: 'one JSON document'},
    source: {
      type: 'string',
      value: 'SOURCE',
      help: 'slot examines what tradetop sync --source slot needs, also where no slot is there yet (bus)',
    },
  },
  run: async ({flags, config: read}) => {
    const config = read();
    const at = nowMicros();
    const sql = loadSql();
    const slot = isSlot(flags.source);
    const [postgres, prefect, redis] = await Promise.all([
      examinePostgres(config.trading, sql, slot ? 'always' : 'in use'),
      examinePrefect(config.prefect, sql),
      examineRedis(config.redis),
    ]);
    const acts = config.readOnly ? 'read-only: actions are refused' : 'actions are allowed';
    const environment = finding({
      id: 'environment',
      feature: 'acting',
      status: 'ok',
      text: `environment ${config.environment}, ${acts}`,
      remedy: config.readOnly ? 'tradetop --no-read-only, or TRADETOP_READ_ONLY=0' : undefined,
    });
    const findings = [environment, ...postgres.findings, ...redis, ...prefect];
    const summary = findingsSummary(findings);
    const {ok, warn, missing} = summary;
    const last = `${ok} ok, ${plural(warn, 'warning')}, ${missing} missing`;
    process.stdout.write(
      flags.json
        ? `${JSON.stringify({
            at: isoMicros(at),
            environment: config.environment,
            summary,
            findings: findings.map(({remedy, ...rest}) => ({...rest, mend: remedy ?? null})),
          })}\n`
        : `${[...findings.flatMap(f => lines(f, config.ascii)), last].join('\n')}\n`,
    );
    if (!postgres.reached)
      throw new UserError(
        'PostgreSQL could not be reached.',
        'Fix the connection first, then run tradetop doctor again.',
      );
    return missing > 0 ? 1 : 0;
  },
});

function isSlot(source: string = 'bus'): boolean {
  if (source === 'bus' || source === 'slot') return source === 'slot';
  throw unknownWord('source', source, ['bus', 'slot'], '--source bus, or --source slot.');
}

const GLYPHS = {ok: ['●', 'o'], warn: ['▲', '!'], missing: ['✖', 'x']} as const;

/** Severity is a glyph and a word; the remedy has a line of its own, to be copied. */
const lines = ({status, feature, text, remedy}: Finding, ascii: boolean): readonly string[] => [
  `${GLYPHS[status][ascii ? 1 : 0]} ${status.padEnd(7)} ${text}${status === 'ok' ? '' : `  [${feature}]`}`,
  ...(remedy && status !== 'ok' ? [`            ${remedy}`] : []),
];
