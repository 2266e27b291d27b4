import {describe, expect, it} from 'vitest';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {shiftReport} from '../helpers/state/report.ts';
import {NOW, stateOf} from '../helpers/state/screen.ts';

const overlay = {kind: 'report', scroll: 0} as const;
const draw = (report: State['report'], columns = 80, rows = 24) =>
  drawApp({...stateOf({ui: {overlay}}), report}, columns, rows);
const typed = (state: State, key: string) => handleScreenKey(state, key, {at: NOW, columns: 80, rows: 24});

describe('the report over the panes', () => {
  it('has the figures, and each part as far as the screen has room', () => {
    expect(draw({phase: 'read', report: shiftReport()})).toMatchInlineSnapshot(`
      " [DEMO]  Main  PG 18.4 ●  redis ●  ↻ 2 s  no alerts         12:04:31Z  operator
      ╭╭─ Hand-over ───────────────────────────────────────── the last eight hours ─╮╮
      ││ Hand-over of the shift                                                     ││
      ││ 2026-11-26 00:00:00Z to 2026-11-26 08:00:00Z                               ││
      ││ figures cacc02267fc8                                                       ││
      ││ note: <script>|\`x\` # no heading                                            ││
      ││                                                                            ││
      ││ Acts                                                                       ││
      ││ at                    target                                               ││
      ││ 2026-11-26 07:00:00Z                                                       ││
      ││ and more: only 1 are listed                                                ││
      ││                                                                            ││
      ││ By account                                                                 ││
      ││ account  trades  realised P&L  unrealised P&L  win rate  turnover          ││
      ││ A|B           1       +0.1000          0.0000    100.0%   10.0000          ││
      ││ all           1       +0.1000          0.0000    100.0%   10.0000          ││
      ││                                                                            ││
      ╰│ By strategy                                                                │╯
       │ strategy       trades  realised P&L  unrealised P&L  win rate  turnover    │ 
       │ [x](http://y)       1       +0.1000             n/a    100.0%   10.0000    │…
       │                                                                            │ 
       ╰─ w write it to a file · y copy as Markdown · Esc back ──────── 1–19 of 21 ─╯…

       ↑↓ row  y copy  w write  Esc back"
    `);
  });

  it('says that it is being read, or why it is not', () => {
    expect(draw({phase: 'reading'})).toContain('reading …');
    const refused = {phase: 'refused', why: sanitise('permission denied'), next: sanitise('Ask for it.')} as const;
    expect(draw(refused)).toMatch(/no report: permission denied[\s\S]*Ask for it\./);
  });

  it('is asked for by o, written by w, copied as Markdown by y; i writes everything', () => {
    expect(typed(stateOf(), 'o')).toMatchObject({ui: {overlay}, effects: [{kind: 'reporting', what: 'read'}]});
    expect(typed(stateOf(), 'i')).toMatchObject({effects: [{kind: 'reporting', what: 'incident'}]});
    const open = stateOf({ui: {overlay}});
    expect(typed(open, 'w')).toMatchObject({ui: {note: {text: 'there is no report yet'}}, effects: []});
    const read: State = {...open, report: {phase: 'read', report: shiftReport()}};
    expect(typed(read, 'w').effects).toEqual([{kind: 'reporting', what: 'write'}]);
    expect(typed(read, 'y').effects).toMatchObject([{kind: 'copy', text: expect.stringContaining('# Hand-over')}]);
  });
});
