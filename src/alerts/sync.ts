import {age, plural} from '../core/format.ts';
import type {Micros} from '../core/time.ts';
import type {SyncRow, SyncWorkerRow} from '../monitor/sync.ts';
import {type AlertFinding, found, LIMITS, type Seen, within} from './finding.ts';
import {livingOf, workerSeverity, workerState} from './sync-workers.ts';

/** The synchroniser: workers that do not work, and what they could not bring into analytics. */
export function syncAlerts({at, samples: {sync}}: Seen): readonly AlertFinding[] {
  const [row] = sync.rows;
  if (sync.state !== 'ok' || row === undefined) return [];
  const others = livingOf(row.workers).length > 0;
  return [
    ...row.workers.flatMap(worker => workerAlerts(worker, others, at)),
    ...stopped(row, others, at),
    ...gaps(row, at),
    ...quarantine(row),
  ];
}

function workerAlerts(worker: SyncWorkerRow, others: boolean, at: Micros): readonly AlertFinding[] {
  const {worker: name, host, pid, silentSeconds, heartbeatAt, figures} = worker;
  const who = `Synchroniser ${name}`;
  switch (workerState(worker)) {
    case 'silent': {
      // Another goes on with the work: it is not missed for ever.
      if (others && silentSeconds > LIMITS.missed) return [];
      const effect = others ? 'others go on' : 'no trade reaches analytics';
      const text = `${who} (pid ${pid} on ${host}) silent for ${age(silentSeconds)}: ${effect}`;
      return found(others ? 'warn' : workerSeverity(worker), {id: `sync_silent:${name}`, text, since: heartbeatAt});
    }
    case 'failing': {
      const text = `${who} cannot commit: ${figures.failing}`;
      return found('crit', {id: `sync_failing:${name}`, text, since: figures.failingSince});
    }
    case 'deaf': {
      const reason = figures.linkError === undefined ? '' : `: ${figures.linkError}`;
      return within(at, worker.startedAt, LIMITS.grace)
        ? []
        : found('crit', {id: `sync_deaf:${name}`, text: `${who} does not hear the bus${reason}`});
    }
    default:
      return [];
  }
}

// One that was stopped to be started again is back within a minute.
function stopped({workers}: SyncRow, others: boolean, at: Micros): readonly AlertFinding[] {
  const last = workers[0]?.stoppedAt;
  if (others || last === undefined || workers.some(worker => workerState(worker) === 'silent')) return [];
  if (within(at, last, 60) || !within(at, last, LIMITS.missed)) return [];
  const text = 'No synchroniser runs since the last one was stopped: tradetop sync starts one';
  return found('warn', {id: 'sync_stopped', text, since: last});
}

function gaps({gaps: rows, totals}: SyncRow, at: Micros): readonly AlertFinding[] {
  const {gapsOpen, oldestGapSeconds = 0} = totals;
  const oldest = rows.find(gap => gap.filledAt === undefined);
  if (gapsOpen === 0 || oldest === undefined || oldestGapSeconds <= LIMITS.gapOpen) return [];
  const which = gapsOpen === 1 ? `A gap (${oldest.reason}) is` : `${gapsOpen} gaps are`;
  const why = oldest.error ?? (oldest.settled ? undefined : 'a transaction that is older is still open');
  const text = `${which} not filled for ${age(oldestGapSeconds)}${why === undefined ? '' : `: ${why}`}`;
  return found('warn', {id: 'sync_gap', text, since: at - oldestGapSeconds * 1e6});
}

function quarantine({quarantine: [last], totals}: SyncRow): readonly AlertFinding[] {
  if (totals.quarantined === 0) return [];
  const reason = last === undefined ? '' : `, the last ${last.kind} ${last.key}: ${last.reason}`;
  const text = `${plural(totals.quarantined, 'event')} in quarantine (tradetop maintain retry-quarantine)${reason}`;
  return found('warn', {id: 'sync_quarantine', text, since: last?.firstAt});
}
