import fc from 'fast-check';
import {createElement} from 'react';
import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {App} from '../../components/App.tsx';
import {PANES} from '../../components/panes/index.ts';
import {type SafeText, sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay, PaneId} from '../../src/model/ui-state.ts';
import {draw, drawApp} from '../helpers/state/draw.ts';
import {
  ABOUT,
  ALERTS,
  acting,
  alert,
  BUS,
  CHECKS,
  DENIED,
  DOWN,
  failing,
  figures,
  gap,
  NOW,
  OUTCOME,
  ok,
  PLAN,
  position,
  running,
  SAMPLES,
  setAside,
  stale,
  statement,
  stateOf,
  syncRow,
  TABLES,
  table,
  trade,
  waiting,
  worker,
} from '../helpers/state/screen.ts';

const nasty: fc.Arbitrary<SafeText> = fc
  .array(
    fc.oneof(
      fc.string({unit: 'binary', maxLength: 20}),
      fc.string({unit: 'grapheme', maxLength: 20}),
      fc.constantFrom(
        '漢字漢字',
        '👩‍👩‍👧',
        'e\u0301\u0301',
        '\u0301',
        '🇩🇪',
        '🇩',
        'ﾞ',
        '각',
        '\u1100',
        'ﷺ',
        '\u200b\u2066',
        '\u001b[2J\u001b]52;c;x\u0007',
        '\r\n\t',
        'a'.repeat(300),
        'SELECT 1',
      ),
    ),
    {maxLength: 4},
  )
  .map(parts => sanitise(parts.join('')));
const digits = fc
  .tuple(fc.boolean(), fc.bigInt({min: 0n, max: 10n ** 24n}), fc.integer({min: 0, max: 10}))
  .map(([minus, n, places]) => {
    const text = n.toString().padStart(places + 1, '0');
    const plain = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
    return minus ? `-${plain}` : plain;
  });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, {nil: undefined});

const overlays: fc.Arbitrary<Overlay | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant(undefined),
  fc.record({kind: fc.constant('help' as const), scroll: fc.nat(200)}),
  fc.record({kind: fc.constant('checks' as const), scroll: fc.nat(200)}),
  fc.record({kind: fc.constant('rejects' as const), selected: maybe(fc.nat(3))}),
  fc.record({kind: fc.constant('reject' as const), number: fc.nat(3), scroll: fc.nat(200)}),
  fc.record({kind: fc.constant('filter' as const), pane: fc.constant('trades' as const), text: nasty}),
  fc.record({
    kind: fc.constant('details' as const),
    pane: fc.constant('slow_queries' as const),
    key: fc.constant('nasty'),
    scroll: fc.nat(50),
  }),
  fc.record({
    kind: fc.constant('history' as const),
    pane: fc.constantFrom<PaneId>(...PANES.map(pane => pane.id)),
    key: fc.constant('nasty'),
    column: fc.constant(undefined),
  }),
  fc.record({
    kind: fc.constant('chooser' as const),
    actionId: fc.constant('vacuum-analyze'),
    selected: fc.nat(9),
    filter: fc.constant(''),
  }),
  fc.record({
    kind: fc.constant('act' as const),
    focus: fc.constantFrom('cancel' as const, 'run' as const),
    typed: nasty,
  }),
);

/** Every sample of the fixtures with the same texts, digits and numbers in all its rows: no column is named here. */
function hostile(text: SafeText, digits: string, n: number, of: (rows: readonly unknown[]) => unknown) {
  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each)]));
    }
    // Times stay times, depths and small counts stay those, and words that only the server gives (states, kinds) stay those.
    if (typeof value === 'number') return value > 1e14 || (Number.isInteger(value) && value < 10) ? value : n;
    if (typeof value !== 'string' || /^[a-z_-]*$/.test(value)) return value;
    return /^-?\d+(?:\.\d+)?$/.test(value) ? digits : text;
  };
  return Object.fromEntries(
    Object.entries(SAMPLES).map(([id, {rows}]) => [id, of(rows.map(replaced))]),
  ) as unknown as State['samples'];
}

/** A view of the pane and of those that come after it in the list. */
function around(focus: PaneId): readonly PaneId[] {
  const ids = PANES.map(pane => pane.id);
  const at = ids.indexOf(focus);
  return [...ids.slice(at), ...ids.slice(0, at)].slice(0, 9);
}

const states: fc.Arbitrary<State> = fc
  .record({
    text: nasty,
    other: nasty,
    number: digits,
    pnl: maybe(digits),
    overlay: overlays,
    n: fc.double({noNaN: false}),
    focus: fc.constantFrom<PaneId>(...PANES.map(pane => pane.id)),
    bits: fc.nat(255),
    phase: fc.constantFrom('planning' as const, 'confirm' as const, 'running' as const, 'ended' as const),
    health: fc.constantFrom('ok', 'stale', 'down', 'denied', 'waiting'),
  })
  .map(({text, other, number, pnl, overlay, n, focus, bits, phase, health}) => {
    const of = <Row>(rows: readonly Row[]) => {
      if (health === 'stale') return stale(ok(rows));
      if (health === 'waiting') return waiting;
      return health === 'ok'
        ? ok(rows)
        : failing(ok(rows), {...(health === 'down' ? DOWN : DENIED), message: text, next: other});
    };
    const flag = (bit: number) => (bits & (1 << bit)) !== 0;
    const state = stateOf({
      about: {
        ...ABOUT,
        environment: flag(0) ? 'prod' : 'demo',
        ascii: flag(1),
        colour: flag(2),
        trading: text,
        slowMs: 1000,
        views: [{name: 'Main', panes: around(focus)}],
      },
      alerts: flag(3) ? [...ALERTS, alert({id: 'x', severity: 'crit', text}), alert({id: 'y', text: other})] : [],
      samples: {
        ...hostile(text, number, n, of),
        positions: of([
          position(0, {
            accountId: text,
            symbol: other,
            quantity: number.replace('-', ''),
            avgPrice: number,
            unrealizedPnl: pnl,
            marketValue: pnl,
          }),
          position(1),
        ]),
        statements: of([
          statement(0, {key: 'nasty', query: text, service: other, meanMs: n, percent: n, callsTotal: n}),
          statement(1),
        ]),
        running: of([running({query: other, application: text, seconds: n})]),
        tables: of([table(text, other, {sizeBytes: n, deadRows: n}), ...TABLES]),
        sync: of([
          syncRow({
            workers: [
              worker({worker: text, host: other, silentSeconds: n, figures: figures({failing: other, queue: n})}),
              worker({
                worker: other,
                figures: figures({
                  channels: [{channel: text, received: n, perSecond: n, lastAt: undefined}],
                  rejects: [{reason: text, channel: other, detail: text, text: other, bytes: n, at: NOW}],
                }),
              }),
            ],
            gaps: [gap({reason: text, error: other, filledAt: undefined}), gap({id: '8', from: undefined})],
            quarantine: [setAside({kind: text, key: other, event: text, reason: other})],
          }),
        ]),
        server: flag(4)
          ? SAMPLES.server
          : of([{...(SAMPLES.server.rows[0] as (typeof SAMPLES.server.rows)[number]), version: text, tps: n}]),
      },
      bus: {
        ...BUS,
        tape: [trade(0, {symbol: text, strategy: other, quantity: number, price: number, realizedPnl: pnl}), trade(1)],
        rejected: 3,
        rejectList: [{number: 1, reject: {reason: 'bad_data', channel: other, detail: text, text, bytes: 9, at: NOW}}],
        link: {...BUS.link, state: health === 'ok' ? 'ready' : 'down', error: text},
        marks: new Map([[other, {price: number, at: NOW}]]),
      },
      acting: acting({
        phase,
        targetName: text,
        plan: {
          ...PLAN,
          targetName: text,
          sql: [text, other, text],
          facts: [
            {label: text, value: other, warn: true},
            {label: other, value: text},
          ],
          refusal: flag(5) ? other : undefined,
        },
        progress: {
          phase: text,
          percent: flag(6) ? n : undefined,
          step: 1,
          steps: 3,
          current: other,
          blockers: [text, other],
        },
        outcome: {...OUTCOME, summary: text, notices: [other, text]},
      }),
      checks: {
        results: [
          ...CHECKS,
          {...(CHECKS[2] as (typeof CHECKS)[number]), title: text, rows: [{[other]: text}], remedy: other},
        ],
        error: flag(7) ? text : undefined,
        at: NOW,
      },
    });
    const pane = {
      selected: 'nasty',
      filter: flag(6) ? text : '',
      sort: flag(5) ? 'quantity' : undefined,
      reverse: flag(4),
      wide: flag(5),
    };
    return {
      ...state,
      ui: {
        ...state.ui,
        overlay,
        focus,
        zoomed: flag(3),
        paused: flag(4),
        note: {text: other, at: NOW},
        panes: {...state.ui.panes, [focus]: pane},
      },
    };
  });

describe('the frame', () => {
  it('is never wider nor taller than the terminal, whatever it shows', () => {
    fc.assert(
      fc.property(states, fc.integer({min: 1, max: 240}), fc.integer({min: 1, max: 60}), (state, columns, rows) => {
        const lines = drawApp(state, columns, rows).split('\n');
        const widest = Math.max(...lines.map(line => stringWidth(line)));
        const framed = columns >= 60 && rows >= 15 ? lines.filter(line => /^[╭│╰+|]/.test(line)) : [];
        expect(framed.filter(line => stringWidth(line) !== columns)).toEqual([]);
        expect({columns: Math.min(widest, columns), rows: Math.min(lines.length, rows)}).toEqual({
          columns: widest,
          rows: lines.length,
        });
      }),
      {numRuns: 100},
    );
  });

  it('is cut, never wrapped, on a terminal that has become narrower before the screen knows it', () => {
    const dialog = {acting: acting(), ui: {overlay: {kind: 'act', focus: 'cancel', typed: ''}}} as const;
    for (const state of [stateOf({alerts: ALERTS}), stateOf({...dialog, alerts: ALERTS})]) {
      for (const [columns, now] of [
        [120, 119],
        [120, 80],
        [80, 79],
        [160, 100],
      ] as const) {
        const screen = createElement(App, {state, columns, rows: 34});
        const lines = draw(screen, now).split('\n');
        expect(lines.length, `${columns} on ${now}`).toBe(34);
        expect(Math.max(...lines.map(line => stringWidth(line))), `${columns} on ${now}`).toBeLessThanOrEqual(now);
      }
    }
  });

  it('fills the terminal exactly, from the smallest with panes to 240×60', () => {
    for (const [columns, rows] of [
      [60, 15],
      [80, 24],
      [100, 30],
      [119, 29],
      [120, 30],
      [160, 48],
      [240, 60],
    ] as const) {
      const lines = drawApp(stateOf({alerts: ALERTS}), columns, rows).split('\n');
      expect(lines.length, `${columns}×${rows}`).toBe(rows);
      const framed = lines.filter(line => /^[╭│╰]/.test(line)).map(line => stringWidth(line));
      expect(new Set(framed), `${columns}×${rows}`).toEqual(new Set([columns]));
    }
  });
});
