import Table from 'cli-table3';
import {UserError} from '../core/errors.ts';
import {duration} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import {readServicePerformance, type ServicePerformanceRow} from '../monitor/service-performance.ts';
import {defineCommand} from './shared/command.ts';
import {readOnce} from './shared/read-once.ts';
import {wholeNumber} from './shared/run-action.ts';

const MINUTES = 10;
const MOST_MINUTES = 10_080;

/** `tradetop performance`: what the services measured of their own queries. */
export const performanceCommand = defineCommand({
  name: 'performance',
  summary: 'what the services measured of their own queries: how many, how long, how many slow ones',
  details:
    'Reads logging.performance_logs, which services fill by trackQueryPerformance of the package. Times are those of the\n' +
    'services, the way to the database included. Exit code 1 where --service names one that measured nothing in the time.',
  flags: {
    service: {type: 'string', value: 'NAME', help: 'only this service'},
    minutes: {type: 'number', value: 'N', help: `of the last N minutes (${MINUTES})`},
    json: {type: 'boolean', help: 'one JSON document'},
  },
  run: async ({flags, config}) => {
    const minutes = wholeNumber('minutes', flags.minutes ?? MINUTES, 1, MOST_MINUTES);
    const all = await readOnce(config(), 'tradetop performance', pg => readServicePerformance(pg, minutes * 60));
    const rows = all.filter(row => flags.service === undefined || row.service === sanitise(flags.service));
    if (flags.service !== undefined && rows.length === 0) {
      const known = all.map(row => row.service).join(', ');
      throw new UserError(
        `Service ${sanitise(flags.service, 50)} measured no query in the last ${minutes} min.`,
        known === '' ? 'No service did.' : `These did: ${known}.`,
        1,
      );
    }
    process.stdout.write(`${flags.json ? jsonOf(rows, minutes) : tableOf(rows, minutes)}\n`);
    return 0;
  },
});

const jsonOf = (rows: readonly ServicePerformanceRow[], minutes: number): string =>
  JSON.stringify(
    {
      at: isoMicros(nowMicros()),
      minutes,
      services: Object.fromEntries(
        rows.map(({service, queries, slow, meanSeconds, slowestMs, slowest}) => [
          service,
          {
            avg_query_time: meanSeconds ?? null,
            total_queries: queries,
            slow_query_count: slow,
            slowest: slowest === undefined ? null : {ms: slowestMs ?? null, statement: slowest},
          },
        ]),
      ),
    },
    null,
    2,
  );

function tableOf(rows: readonly ServicePerformanceRow[], minutes: number): string {
  if (rows.length === 0) return `No service measured a query in the last ${minutes} min.`;
  const table = new Table({
    head: ['service', 'queries', 'slow', 'mean', 'slowest', 'statement'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    style: {head: [], border: []},
  });
  for (const {service, queries, slow, meanSeconds, slowestMs, slowest} of rows) {
    const mean = meanSeconds === undefined ? 'n/a' : duration(meanSeconds * 1000);
    const worst = slowestMs === undefined ? '' : duration(slowestMs);
    table.push([service, String(queries), String(slow), mean, worst, (slowest ?? '').slice(0, 60)]);
  }
  return table.toString();
}
