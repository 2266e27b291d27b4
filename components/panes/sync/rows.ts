import {livingOf, workerSeverity, workerState} from '../../../src/alerts/sync-workers.ts';
import {age, bytes, count, duration, NA, plural} from '../../../src/core/format.ts';
import {byWorst} from '../../../src/core/severity.ts';
import {clock} from '../../../src/core/time.ts';
import type {SyncGapRow, SyncQuarantineRow, SyncRow, SyncWorkerRow} from '../../../src/monitor/sync.ts';
import type {SyncChannel, SyncReject} from '../../../src/monitor/sync-figures.ts';
import type {SyncLag, SyncPaneRow} from './row.ts';

/** The rows in the order of an operator's questions: who works, what comes in, what is missing, what was set aside. */
export function syncRows({workers, gaps, quarantine}: SyncRow): readonly SyncPaneRow[] {
  const living = livingOf(workers);
  const several = living.length > 1;
  return [
    ...workers.map(workerRow).toSorted((a, b) => Number(a.past) - Number(b.past) || byWorst(a, b)),
    ...living.flatMap(({worker, figures: f}) => [
      lagRow({to: 'received', p50: f.receiveP50, p99: f.receiveP99}, worker, several),
      lagRow({to: 'committed', p50: f.commitP50, p99: f.commitP99}, worker, several),
    ]),
    ...living.flatMap(({worker, figures}) => figures.channels.map(of => channelRow(of, worker, several))),
    ...gaps.filter(of => of.filledAt === undefined).map(gapRow),
    ...quarantine.map(quarantineRow),
    ...living.flatMap(({worker, figures}) => figures.rejects.map(of => rejectRow(of, worker))),
    ...gaps.filter(of => of.filledAt !== undefined).map(gapRow),
  ];
}

const joined = (parts: readonly (string | undefined)[]): string =>
  parts.filter(part => part !== undefined && part !== '').join(' · ');

function workerRow(of: SyncWorkerRow): SyncPaneRow {
  const state = workerState(of);
  const past = state === 'stopped';
  return {
    kind: 'worker',
    of,
    severity: workerSeverity(of),
    name: of.worker,
    state,
    at: of.heartbeatAt,
    note: past ? joined([`stopped ${clock(of.stoppedAt ?? 0)}Z`, processOf(of)]) : workerNote(of, state),
    past,
  };
}

const processOf = ({pid, host}: SyncWorkerRow): string => `pid ${pid} on ${host}`;

const trades = (n: number | undefined): string => (n === undefined ? NA : plural(n, 'trade'));

function workerNote(of: SyncWorkerRow, state: string): string {
  const f = of.figures;
  if (state === 'silent') {
    return joined([`since ${of.heartbeatAt === undefined ? NA : `${clock(of.heartbeatAt)}Z`}`, processOf(of)]);
  }
  const since = f.failingSince === undefined ? '' : ` since ${clock(f.failingSince)}Z`;
  const problem =
    state === 'failing'
      ? `${f.failing}${since}`
      : state === 'deaf'
        ? `${of.mode === 'slot' ? 'WAL' : 'bus'} ${f.link}: ${f.linkError ?? ''}`
        : of.mode === 'slot' && f.linkError !== undefined
          ? f.linkError
          : '';
  return joined([
    problem,
    `pid ${of.pid}`,
    `queue ${count(f.queue)}`,
    f.stream === undefined ? '' : `stream lag ${count(f.stream.lag)}, pending ${count(f.stream.pending)}`,
    f.slot === undefined ? '' : `WAL lag ${bytes(f.slot.lag_bytes)}, kept ${bytes(f.slot.retained_bytes)}`,
    f.batches === 0 ? 'no batch yet' : `batch ${trades(f.batchSize)} in ${duration(f.batchMs)}`,
    `applied ${count(f.trades)}`,
    f.retries ? `retries ${count(f.retries)}` : '',
    f.duplicates ? `duplicates ${count(f.duplicates)}` : '',
    f.adopted ? `adopted ${count(f.adopted)}` : '',
    f.restated ? `restated ${count(f.restated)}` : '',
    f.overflowed ? `overflowed ${count(f.overflowed)}` : '',
    of.mode,
  ]);
}

function lagRow(of: SyncLag, worker: string, several: boolean): SyncPaneRow {
  const note = joined([duration(of.p50), `p99 ${duration(of.p99)}`, several ? `of ${worker}` : '']);
  return {kind: 'lag', worker, of, severity: 'ok', name: of.to, state: '', at: undefined, note, past: false};
}

function channelRow(of: SyncChannel, worker: string, several: boolean): SyncPaneRow {
  const state = of.lastAt === undefined ? 'none yet' : of.perSecond > 0 ? 'flowing' : 'quiet';
  const note = joined([`received ${count(of.received)}`, several ? `by ${worker}` : '']);
  return {kind: 'channel', worker, of, severity: 'ok', name: of.channel, state, at: of.lastAt, note, past: false};
}

function gapRow(of: SyncGapRow): SyncPaneRow {
  const open = of.filledAt === undefined;
  const {from, to} = of;
  const span = from === undefined || to === undefined ? '' : ` (${age((to - from) / 1e6)})`;
  return {
    kind: 'gap',
    of,
    severity: open ? 'warn' : 'ok',
    name: of.reason,
    state: open ? 'open' : 'filled',
    at: to,
    note: joined([
      of.error,
      `recovered ${count(of.recovered)}`,
      `${from === undefined ? 'the beginning' : clock(from)} – ${to === undefined ? NA : clock(to)}${span}`,
      plural(of.passes, 'pass', 'passes'),
      open && !of.settled ? 'waits for an older transaction' : '',
    ]),
    past: !open,
  };
}

function quarantineRow(of: SyncQuarantineRow): SyncPaneRow {
  const note = joined([of.reason, plural(of.attempts, 'attempt')]);
  const {key: name, lastAt: at} = of;
  return {kind: 'quarantine', of, severity: 'warn', name, state: of.kind, at, note, past: false};
}

function rejectRow(of: SyncReject, worker: string): SyncPaneRow {
  const note = joined([of.detail, bytes(of.bytes), of.text]);
  const {channel: name, reason: state, at} = of;
  return {kind: 'reject', worker, of, severity: 'warn', name, state, at, note, past: false};
}
