import {age, count, plural} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import type {BackendRow} from '../../../src/monitor/backends.ts';
import {statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {shownService} from '../shared/service-name.ts';
import {sessionColumns} from './columns.ts';

/**
 * The server's sessions: a tree of who blocks whom, from the roots; then open transactions by age, the idle, and the
 * server's own processes.
 */
export const sessionsPane = definePane({
  id: 'sessions',
  title: 'Sessions & locks',
  columns: sessionColumns,
  select: ({samples: {backends, backends_info: info}, at}: State) => ({
    status: statusOf(backends, at),
    backends: backends.rows,
    total: info.rows[0]?.total ?? 0,
    untracked: info.rows[0]?.untracked ?? 0,
  }),
  rows: ({backends}) => backends,
  rowKey: row => row.key,
  head: (_data, rows) => piles(rows),
  foot: (_data, rows) => [
    [
      [
        `waiting ${count(rows.filter(row => row.waits).length)}`,
        `active ${count(tell(rows, 'active'))}`,
        `idle in tx ${count(tell(rows, 'idle in tx'))}`,
        `idle ${count(rows.filter(row => row.state === 'idle').length)}`,
        ...untrackedIn(rows),
      ].join(' · '),
      'faint',
    ],
  ],
  remarks: ({backends, total, untracked}) => [
    ...(total > backends.length ? [`the ${count(backends.length)} that matter most, of ${count(total)}`] : []),
    ...(untracked > 0 ? [`${plural(untracked, 'session')} without track_activities: what they do is not known`] : []),
  ],
  empty: 'nobody else is connected',
  brief: (_data, rows): Line => {
    const [top] = rows;
    if (top !== undefined && top.blocks > 0) return piles(rows);
    const words = [plural(clients(rows), 'session'), `${count(tell(rows, 'active'))} active`, ...untrackedIn(rows)];
    return [[`${words.join(', ')}, none blocked`]];
  },
  rowStyle: row => (row.state === '' || row.state === 'idle' ? 'faint' : undefined),
  copy: row => row.query || undefined,
  explains: ({pid, backendStart, query}) =>
    query === '' || backendStart === undefined ? undefined : {kind: 'session', pid, backendStart},
  lead: ({parent}) => (parent === undefined ? undefined : {pane: 'sessions', what: 'its blocker', key: parent}),
});

const tell = (rows: readonly BackendRow[], state: string): number =>
  rows.filter(row => row.state.startsWith(state)).length;
/** How many have no activity tracked; nothing where all have. */
const untrackedIn = (rows: readonly BackendRow[]): readonly string[] => {
  const n = tell(rows, 'not tracked');
  return n === 0 ? [] : [`not tracked ${count(n)}`];
};
const clients = (rows: readonly BackendRow[]): number => rows.filter(row => row.kind === 'client backend').length;

/** The root that blocks most, or that nobody is blocked. */
function piles(rows: readonly BackendRow[]): Line {
  const waiting = rows.filter(row => row.waits).length;
  const [root] = rows;
  if (root === undefined) return [];
  if (root.blocks === 0) {
    const words = waiting > 0 ? plural(waiting, 'session waits', 'sessions wait') : 'none blocked';
    return [[words, waiting > 0 ? 'strong' : 'faint']];
  }
  const who = root.gid === undefined ? `pid ${root.pid}` : `prepared ${root.gid}`;
  const open = root.xactSeconds === undefined ? '' : ` · ${age(root.xactSeconds)} in transaction`;
  return [
    [`${GLYPH.warn} `, 'warn'],
    [`${who} blocks ${count(root.blocks)} · ${shownService(root.service)}${open}`, 'strong'],
  ];
}
