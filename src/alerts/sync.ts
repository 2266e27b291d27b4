import {age, plural} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import type {SyncRow, SyncWorkerRow} from '../monitor/sync.ts';
import {LIMITS, within} from './limits.ts';
import {type AlertFinding, type AlertRule, found, measured, type Seen} from './rule.ts';
import {waitsBehind} from './sessions.ts';
import {FULL_DISK} from './sources.ts';
import {livingOf, type WorkerState, workerSeverity, workerState} from './sync-workers.ts';

/** The synchroniser as PostgreSQL knows it: its role. */
export const SYNC_ROLE = 'tradetop_sync';

const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM)/;
const LET_IN =
  'Redis refuses the worker’s user: ACL LIST there shows it, ACL SETUSER … on lets it in. What it missed is then read from the tables.';

/** A rule about a reading of the synchroniser. */
const ofRow =
  (find: (row: SyncRow, at: Micros, state: Seen) => readonly AlertFinding[]): AlertRule['find'] =>
  state => {
    const [row] = state.samples.sync.rows;
    return row ? find(row, state.at, state) : [];
  };

/** Who holds the rows that the synchroniser or the execution service waits for: it marks positions only where it can lock them. */
const waitsForRows = (state: Seen) => waitsBehind(state, SYNC_ROLE) ?? waitsBehind(state, 'execution');

/** A worker's row. */
const rowOf = ({worker}: SyncWorkerRow) => ({pane: 'sync', key: `worker ${worker}`}) as const;

/** A rule about each worker in a state. */
const ofWorkers = (
  state: WorkerState,
  find: (worker: SyncWorkerRow, row: SyncRow, at: Micros, state: Seen) => readonly AlertFinding[],
): AlertRule['find'] =>
  ofRow((row, at, seen) =>
    row.workers
      .filter(worker => workerState(worker) === state)
      .flatMap(worker =>
        find(worker, row, at, seen).map(finding => ({...finding, subject: worker.worker, row: rowOf(worker)})),
      ),
  );

/** The synchroniser: workers that do not work, and what they could not bring into analytics. */
export const syncRules: readonly AlertRule[] = [
  {
    id: 'sync_silent',
    when: 'a worker of the synchroniser gives no sign of life',
    needs: ['sync'],
    owner: 'data',
    todo: 'Look at the worker’s host and log; tradetop sync starts another.',
    find: ofWorkers('silent', (worker, {workers}) => {
      const {worker: name, host, pid, silentSeconds, heartbeatAt} = worker;
      const others = livingOf(workers).length > 0;
      // Others do its work: after a day nobody misses it.
      if (others && silentSeconds > LIMITS.missed) return [];
      const effect = others ? 'others do its work' : 'no trade reaches analytics';
      const text = `Synchroniser ${name} (pid ${pid} on ${host}) silent for ${age(silentSeconds)}: ${effect}`;
      return found(others ? 'warn' : workerSeverity(worker), {text, since: heartbeatAt, causedBy: FULL_DISK});
    }),
  },
  {
    id: 'sync_failing',
    when: 'a worker of the synchroniser cannot commit',
    needs: ['sync'],
    owner: 'data',
    todo: 'The database’s reason is in the text; the worker tries again by itself.',
    find: ofWorkers('failing', ({worker, figures}) =>
      found('crit', {
        text: `Synchroniser ${worker} cannot commit: ${figures.failing}`,
        since: figures.failingSince,
        causedBy: FULL_DISK,
      }),
    ),
  },
  {
    id: 'sync_deaf',
    when: 'a worker of the synchroniser has no subscription to the bus, or does not read the WAL',
    needs: ['sync'],
    owner: 'data',
    todo: 'Look at the path from the worker to Redis, or at its replication slot.',
    find: ofWorkers('deaf', ({worker, mode, startedAt, figures}, _, at) => {
      const reason = figures.linkError === undefined ? '' : `: ${figures.linkError}`;
      const lacks = mode === 'slot' ? 'does not read the WAL' : 'does not hear the bus';
      const text = `Synchroniser ${worker} ${lacks}${reason}`;
      const refused = figures.linkError !== undefined && REFUSED.test(figures.linkError);
      return found(within(at, startedAt, LIMITS.grace) ? 'ok' : 'crit', {text, todo: refused ? LET_IN : undefined});
    }),
  },
  {
    id: 'sync_slot',
    when: 'the server keeps much WAL for the synchroniser’s replication slot, or its publication is not complete',
    needs: ['sync'],
    owner: 'data',
    todo: 'See that a worker reads the slot; an abandoned one fills the disk.',
    find: ofWorkers('running', ({figures: {slot, linkError}}) => {
      const ends = slot?.safe_bytes !== undefined && slot.safe_bytes !== null && slot.safe_bytes <= 0;
      return slot === undefined || linkError === undefined
        ? []
        : found(ends ? 'crit' : 'warn', {text: `Replication slot: ${linkError}`});
    }),
  },
  {
    id: 'sync_stopped',
    when: 'the last worker of the synchroniser was stopped, and none runs',
    needs: ['sync'],
    owner: 'data',
    todo: 'Start it: tradetop sync, or its service manager. What it missed it reads from the tables.',
    // A restart takes less.
    limits: {forSeconds: 15},
    find: ofRow(({workers}, at) => {
      const last = workers[0]?.stoppedAt;
      const others = workers.some(worker => workerState(worker) !== 'stopped');
      if (others || !within(at, last, LIMITS.missed)) return [];
      const text = 'The synchroniser was stopped, and none runs: start tradetop sync';
      return found('warn', {text, since: last, row: workers[0] && rowOf(workers[0])});
    }),
  },
  {
    id: 'sync_gap',
    when: 'a gap of the synchroniser has been open for too long',
    needs: ['sync'],
    owner: 'data',
    todo: 'It is filled by itself; where a transaction holds it up, end that session (K in Sessions).',
    find: ofRow(({gaps, totals: {gapsOpen, oldestGapSeconds = 0}}, at) => {
      const oldest = gaps.find(gap => gap.filledAt === undefined);
      if (gapsOpen === 0 || oldest === undefined || oldestGapSeconds <= LIMITS.gapOpen) return [];
      const which = gapsOpen === 1 ? `A gap (${oldest.reason}) has` : `${gapsOpen} gaps have`;
      const why = oldest.error ?? (oldest.settled ? undefined : 'an older transaction is still open');
      const text = `${which} been open for ${age(oldestGapSeconds)}${why === undefined ? '' : `: ${why}`}`;
      return found('warn', {text, since: at - oldestGapSeconds * 1e6, row: {pane: 'sync', key: `gap ${oldest.id}`}});
    }),
  },
  {
    id: 'sync_quarantine',
    when: 'events are in quarantine',
    needs: ['sync'],
    owner: 'data',
    todo: 'Read the reasons in the Sync pane; Q or tradetop maintain retry-quarantine applies them.',
    find: ofRow(({quarantine: [last], totals: {quarantined}}) => {
      const reason = last === undefined ? '' : `, the last ${last.kind} ${last.key}: ${last.reason}`;
      const text = `${plural(quarantined, 'event')} in quarantine (tradetop maintain retry-quarantine)${reason}`;
      const row = last && ({pane: 'sync', key: `quarantine ${last.id}`} as const);
      return found(quarantined > 0 ? 'warn' : 'ok', {text, since: last?.firstAt, row});
    }),
  },
  {
    id: 'sync_lag',
    when: 'the synchroniser is behind what was published',
    needs: ['sync'],
    owner: 'data',
    todo: 'Look at the queue and the batches in the Sync pane, and at Slow queries.',
    limits: {unit: 'seconds', warn: 30, crit: 300},
    find: ofWorkers('running', ({worker, heartbeatAt, safeAt, figures: {queue}}, _, __, state) => {
      if (heartbeatAt === undefined || safeAt === undefined) return [];
      const seconds = (heartbeatAt - safeAt) / 1e6;
      const waiting = queue === undefined ? '' : `, ${plural(queue, 'event')} in its queue`;
      return measured(seconds, {
        text: `Synchroniser ${worker} is ${age(seconds)} behind${waiting}`,
        since: safeAt,
        causedBy: waitsForRows(state),
      });
    }),
  },
  {
    id: 'sync_marks',
    when: 'positions wait for a long time to be marked to the last prices',
    needs: ['sync'],
    owner: 'data',
    todo: 'Look at the worker’s log: another session may hold the positions’ rows.',
    limits: {unit: 'seconds', warn: 60, crit: 600},
    find: ofWorkers('running', ({worker, figures: {marksBehind = 0, marksSince, marksError}}, _, at, state) => {
      if (marksBehind === 0 || marksSince === undefined) return [];
      const seconds = (at - marksSince) / 1e6;
      const reason = marksError === undefined ? '' : `: ${marksError}`;
      const text = `${plural(marksBehind, 'position')} not marked by ${worker} for ${age(seconds)}${reason}`;
      return measured(seconds, {text, cause: marksError, since: marksSince, causedBy: waitsForRows(state)});
    }),
  },
];
