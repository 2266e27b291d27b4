import {describe, expect, it} from 'vitest';
import {watchAlerts} from '../../src/alerts/alerts.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import {figures, gap, setAside, syncRow, worker} from '../helpers/state/screen.ts';
import {good, NOW, stateOf} from '../helpers/state/state.ts';

const ago = (seconds: number) => NOW - seconds * 1e6;
const text = (words: string) => sanitise(words);
const TOTALS = syncRow().totals;
const having = (change: Parameters<typeof syncRow>[0]): State => stateOf({sync: good(syncRow(change))});
const told = (state: State) => watchAlerts(state).alerts.map(a => `${a.severity} ${a.id}: ${a.text}`);

describe('alerts of the synchroniser', () => {
  it('are absent while it works, before it has ever run, and while nothing is known of it', () => {
    expect(told(having({}))).toEqual([]);
    expect(told(having({workers: []}))).toEqual([]);
    const down = {...good(syncRow({workers: [worker({silentSeconds: 90})]})), state: 'down'} as const;
    expect(told(stateOf({sync: down})).filter(line => line.includes('sync_'))).toEqual([]);
  });

  it('name a silent worker: worse the longer it is, less severe while another does its work', () => {
    const at = (seconds: number) => worker({silentSeconds: seconds, heartbeatAt: ago(seconds)});
    expect(told(having({workers: [at(4)]}))).toEqual([]);
    expect(told(having({workers: [at(9)]}))).toEqual([
      'warn sync_silent:desk-1 sync: Synchroniser desk-1 sync (pid 4242 on desk-1) silent for 9s: no trade reaches analytics',
    ]);
    expect(watchAlerts(having({workers: [at(90)]})).alerts).toMatchObject([{severity: 'crit', since: ago(90)}]);
    const other = worker({worker: text('other')});
    expect(told(having({workers: [other, at(90)]}))).toEqual([
      'warn sync_silent:desk-1 sync: Synchroniser desk-1 sync (pid 4242 on desk-1) silent for 1m30s: others do its work',
    ]);
    expect(told(having({workers: [other, at(90_000)]}))).toEqual([]);
    expect(told(having({workers: [at(90_000)]}))).toHaveLength(1);
  });

  it('say that none runs after the last one was stopped, but ignore a restart', () => {
    const at = (seconds: number) => worker({silentSeconds: seconds, stoppedAt: ago(seconds)});
    expect(told(having({workers: [at(14)]}))).toEqual([]);
    expect(told(having({workers: [at(16)]}))).toHaveLength(1);
    expect(told(having({workers: [at(120)]}))).toEqual([
      'warn sync_stopped: The synchroniser was stopped, and none runs: start tradetop sync',
    ]);
    expect(told(having({workers: [worker({worker: text('other')}), at(120)]}))).toEqual([]);
    expect(told(having({workers: [at(90_000)]}))).toEqual([]);
  });

  it('name a worker that cannot commit, and one without a subscription to the bus', () => {
    const failed = figures({failing: text('deadlock detected'), failingSince: ago(33)});
    expect(told(having({workers: [worker({figures: failed})]}))).toEqual([
      'crit sync_failing:desk-1 sync: Synchroniser desk-1 sync cannot commit: deadlock detected',
    ]);
    const deaf = figures({link: text('denied'), linkError: text('NOPERM')});
    expect(told(having({workers: [worker({figures: deaf, startedAt: ago(60)})]}))).toEqual([
      'crit sync_deaf:desk-1 sync: Synchroniser desk-1 sync does not hear the bus: NOPERM',
    ]);
    expect(told(having({workers: [worker({figures: deaf, startedAt: ago(3)})]}))).toEqual([]);
  });

  it('name a gap that has been open for over a minute, and why', () => {
    const open = gap({filledAt: undefined});
    const totals = (seconds: number, gapsOpen = 1) => ({...TOTALS, gapsOpen, oldestGapSeconds: seconds});
    expect(told(having({gaps: [open], totals: totals(50)}))).toEqual([]);
    expect(told(having({gaps: [{...open, settled: false}], totals: totals(200)}))).toEqual([
      'warn sync_gap: A gap (disconnect) has been open for 3m20s: an older transaction is still open',
    ]);
    expect(told(having({gaps: [{...open, error: text('timeout')}], totals: totals(200, 2)}))).toEqual([
      'warn sync_gap: 2 gaps have been open for 3m20s: timeout',
    ]);
  });

  it('name events in quarantine, and the command that applies them', () => {
    expect(told(having({quarantine: [setAside()], totals: {...TOTALS, quarantined: 1}}))).toEqual([
      'warn sync_quarantine: 1 event in quarantine (tradetop maintain retry-quarantine), the last trades T-20261122-000017: numeric field overflow',
    ]);
  });
});
