import {plural, shortDecimal} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import type {LogCountsRow} from '../monitor/logs.ts';
import {near, within} from './limits.ts';
import {type AlertRule, found, measured} from './rule.ts';

/** Fewer errors in five minutes say nothing of a rate. */
const LEAST_ERRORS = 10;
/** Errors in five minutes that count as usual where there were fewer. */
const USUAL_ERRORS = 2;
/** Errors that come in a burst have ended when none has come for so long before a reading, in seconds. */
const LEAST_QUIET_S = 4;
/** Fewer errors in the last minute are no burst that goes on. */
const LEAST_NOW = 3;

/** The newest line of a service and level, as text and row of a finding. */
const lineOf = ({lastId, lastMessage}: LogCountsRow) => ({
  text: lastMessage === undefined ? '' : `: ${lastMessage}`,
  row: lastId === undefined ? undefined : ({pane: 'logs', key: `log ${lastId}`} as const),
});

/** Whether errors still came when they were counted: the last one was not much older than is usual between two of them. */
const goesOn = ({lastAt, lastMinute}: LogCountsRow, countedAt: Micros): boolean =>
  lastMinute >= LEAST_NOW && within(countedAt, lastAt, Math.max(LEAST_QUIET_S, (2 * 60) / lastMinute));

/** What the services log. */
export const logRules: readonly AlertRule[] = [
  {
    id: 'log_critical',
    when: 'a service has logged a line of level CRITICAL in the last five minutes',
    needs: ['log_counts'],
    owner: 'platform',
    todo: 'Read it in Logs, with the lines of the same correlation id; look at the service.',
    find: ({samples: {log_counts: counts}}) =>
      counts.rows
        .filter(row => row.level === 'CRITICAL' && row.lastMinutes > 0)
        .flatMap(row => {
          const {text, row: line} = lineOf(row);
          const lines = plural(row.lastMinutes, 'critical line');
          return found('crit', {
            subject: row.service,
            text: `${row.service}: ${lines} in 5 min${text}`,
            since: row.lastAt,
            row: line,
          });
        }),
  },
  {
    id: 'log_errors',
    when: `a service logs many more errors than usual, and at least ${LEAST_ERRORS} in five minutes`,
    needs: ['log_counts'],
    owner: 'platform',
    todo: 'Read them in Logs; the first of them often names the cause.',
    limits: {unit: 'times', warn: 3, crit: 20, clear: 2},
    find: (state, limits) => {
      const {rows, at = state.at} = state.samples.log_counts;
      return rows
        .filter(row => row.level === 'ERROR' && row.lastMinutes >= LEAST_ERRORS && goesOn(row, at))
        .flatMap(row => {
          const usual = row.hourBefore / 12;
          const value = row.lastMinutes / Math.max(usual, USUAL_ERRORS);
          if (!near(value, limits)) return [];
          const {text, row: line} = lineOf(row);
          const counts = `${plural(row.lastMinutes, 'error')} in 5 min, usual ${shortDecimal(usual)}`;
          return measured(value, {subject: row.service, text: `${row.service}: ${counts}${text}`, row: line});
        });
    },
  },
];
