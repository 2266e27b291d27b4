import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {drawPane} from '../helpers/state/draw.ts';
import {
  COUNTERS,
  DENIED,
  DOWN,
  failing,
  NOW,
  ok,
  receiver,
  SAMPLES,
  slot,
  stateOf,
  UNSUPPORTED,
  waiting,
} from '../helpers/state/screen.ts';

describe('the server pane', () => {
  it('shows what the server does and has left, one figure a row', () => {
    expect(drawPane('server', stateOf(), 80, 30, true)).toMatchInlineSnapshot(`
      "╭─ Server ───────────────────────────────────────────────────── ● no problems ─╮
      │   SUBJECT NAME                      VALUE      RATE NOTE                     │
      │▸  PG      connections                  38           159 left for services, … │
      │   PG      WAL                     20.0 GB  2.1 MB/s 1.2 GB in 10m · 3% of t… │
      │   PG      checkpoints                  28       0/s 2 by time, 0 by request… │
      │   PG      buffers written          91,120     3.0/s by checkpoints 90,100, … │
      │   PG      archiver                    off                                    │
      │   PG      database size            1.4 GB           grew by 12.0 MB in 59m   │
      │   PG      cache                     99.9%           found in 10m · 12 read/… │
      │   PG      transactions          3,301,200   402.0/s 1,200 rolled back in 10… │
      │   PG      temporary files         40.0 MB     0 B/s 4 files · 0 B in 0 in 1… │
      │   PG      transaction ids            1.9%           oldest in trading_syste… │
      │   PG      checksum failures             0                                    │
      │   Standby standby-1               16.0 kB           streaming · quorum · wr… │
      │   Slot    standby_1               16.0 MB           read by pid 7001 · phys… │
      │   Horizon session                     120           pid 4140 (execution), a… │
      │   Redis   memory                  12.0 MB           peak 20.0 MB · 0 keys e… │
      │   Redis   clients                       9   240.0/s commands at this rate ·… │
      │   Redis   largest output buffer       0 B           0 clients cut off for r… │
      │   Redis   persistence                  ok           1,204 changes since · a… │
      │   Redis   slow log                    n/a                                    │
      │   Redis   replicas                      0           master · up 2h14m        │
      │   I/O     client backend          93.8 MB  160 kB/s read 93.8 MB (0.2 ms ea… │
      │   Setting shared_buffers           128 MB           shipped: on · configura… │
      │   Setting work_mem                 4.0 MB                                    │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰─ WAL 2.1 MB/s · connections 38/200 · Redis 12.0 MB ──────────────────────────╯"
    `);
  });

  it('shows notes where there is room', () => {
    expect(drawPane('server', stateOf(), 160, 12)).toMatchInlineSnapshot(`
      "╭─ Server ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────── ● no problems ─╮
      │   SUBJECT NAME                      VALUE      RATE   LIMIT NOTE                                                                                             │
      │   PG      connections                  38               200 159 left for services, 3 reserved · 1 replicating                                                │
      │   PG      WAL                     20.0 GB  2.1 MB/s         1.2 GB in 10m · 3% of the records have a page’s image                                            │
      │   PG      checkpoints                  28       0/s         2 by time, 0 by request in 10m · writing 2m10s, syncing 30.0 ms each                             │
      │   PG      buffers written          91,120     3.0/s         by checkpoints 90,100, the background writer 1,020 · the writer stopped early 3 times            │
      │   PG      archiver                    off                                                                                                                    │
      │   PG      database size            1.4 GB                   grew by 12.0 MB in 59m                                                                           │
      │   PG      cache                     99.9%                   found in 10m · 12 read/s, 20 buffers taken/s                                                     │
      │   PG      transactions          3,301,200   402.0/s         1,200 rolled back in 10m · 0 deadlocks in 10m                                                    │
      │   PG      temporary files         40.0 MB     0 B/s         4 files · 0 B in 0 in 10m                                                                        │
      ╰─ WAL 2.1 MB/s · connections 38/200 · Redis 12.0 MB ────────────────────────────────────────────────────────────────────────────────────────────── 1–9 of 23 ─╯"
    `);
  });

  it('puts what is wrong first, and says what is denied and what is off', () => {
    const samples = {
      counters: ok([
        {
          ...COUNTERS,
          connections: 197,
          archiveMode: sanitise('on'),
          archiveFailures: 4,
          lastArchiveFailureAt: NOW - 60e6,
          checksumFailures: undefined,
        },
      ]),
      receivers: ok([receiver({state: undefined, lagBytes: undefined}), receiver({replaySeconds: 90, pid: 7002})]),
      slots: ok([slot({active: false, keptBytes: 6e9}), slot({name: sanitise('gone'), walStatus: sanitise('lost')})]),
    };
    const state = stateOf({samples});
    expect(drawPane('server', state, 120, 10)).toMatchInlineSnapshot(`
      "╭─ Server ─────────────────────────────────────────────────────────────────────── ✖ PostgreSQL connections and 5 more ─╮
      │   SUBJECT NAME                      VALUE      RATE   LIMIT NOTE                                                     │
      │ ✖ PG      connections                 197               200 0 left for services, 3 reserved · 1 replicating          │
      │ ✖ Slot    gone                    16.0 MB            1.0 GB lost · read by pid 7001 · physical                       │
      │ ▲ PG      archiver                      0       0/s         4 failures, the last 28s ago                             │
      │ ▲ Standby standby-1                denied                   our role lacks pg_read_all_stats                         │
      │ ▲ Standby standby-1               16.0 kB                   streaming · quorum · write 0s, flush 0s, replay 1m30s ·… │
      │ ▲ Slot    standby_1                5.6 GB            6.6 GB nobody reads it · physical                               │
      │   PG      WAL                     20.0 GB  2.1 MB/s         1.2 GB in 10m · 3% of the records have a page’s image    │
      ╰─ WAL 2.1 MB/s · connections 197/200 · Redis 12.0 MB ───────────────────────────────────────────────────── 1–7 of 25 ─╯"
    `);
    const rows = paneOf('server')
      .table(state)
      .rows.map(({values}) => values);
    expect(rows.find(({name}) => name === 'checksum failures')).toMatchObject({value: null, severity: 'ok'});
    expect(rows.find(({note}) => String(note).startsWith('our role lacks'))).toMatchObject({
      value: null,
      subject: 'Replication',
    });
  });

  it('says which of its sources fails, and shows those that do not', () => {
    const samples = {
      horizons: failing(SAMPLES.horizons, DENIED),
      receivers: failing(SAMPLES.receivers, UNSUPPORTED),
      redis: failing(SAMPLES.redis, DOWN),
    };
    expect(drawPane('server', stateOf({samples}), 100, 12)).toMatchInlineSnapshot(`
      "╭─ Server ───────────────────────────────────────────────────────────── ▲ not everything is known ─╮
      │ ▲ replication unsupported 41s: pg_stat_statements must be loaded via shared_preload_libraries ·  │
      │   Add pg_stat_statements to shared_preload_libraries and restart PostgreSQL.                     │
      │ ▲ xmin horizon denied 41s: permission denied for view pg_stat_statements · Connect as            │
      │   tradetop_monitor or tradetop_operator, or GRANT pg_monitor to this role.                       │
      │ ▲ Redis down 41s: connect ECONNREFUSED 127.0.0.1:5432 · Is the server running, and are host and  │
      │   port right?                                                                                    │
      │   SUBJECT NAME                      VALUE      RATE   LIMIT NOTE                                 │
      │   PG      connections                  38               200 159 left for services, 3 reserved ·… │
      │   PG      WAL                     20.0 GB  2.1 MB/s         1.2 GB in 10m · 3% of the records h… │
      │   PG      checkpoints                  28       0/s         2 by time, 0 by request in 10m · wr… │
      ╰─ WAL 2.1 MB/s · connections 38/200 · Redis 12.0 MB ────────────────────────────────── 1–3 of 23 ─╯"
    `);
  });

  it('waits for the first answer, and is one line where there is no room', () => {
    const brief = (state: ReturnType<typeof stateOf>) =>
      paneOf('server')
        .brief(state)
        .map(([text]) => text)
        .join('');
    expect(brief(stateOf())).toBe('38/200 connections (19%) · WAL 2.1 MB/s');
    expect(brief(stateOf({samples: {counters: waiting}}))).toBe('○ waiting');
    expect(brief(stateOf({samples: {slots: ok([slot({active: false})])}}))).toBe('▲ Slot standby_1');
  });
});
