import {Box} from 'ink';
import type {ReactElement} from 'react';
import {describe, expect, it} from 'vitest';
import {ActionDialog, type ActionDialogProps} from '../../components/overlays/ActionDialog.tsx';
import {checksContent} from '../../components/overlays/checks.ts';
import {ListOverlay} from '../../components/overlays/ListOverlay.tsx';
import {sanitise} from '../../src/core/sanitise.ts';
import {frameOf, PLAIN} from '../helpers/state/draw.ts';
import {acting, CHECKS, NOW, PLAN} from '../helpers/state/screen.ts';

/** An overlay alone: without the empty lines above and below it. */
const overlayOf = (element: ReactElement, rows: number) =>
  frameOf(<Box height={rows}>{element}</Box>)
    .split('\n')
    .filter(line => line.trim() !== '')
    .join('\n');

describe('the dialog of an action', () => {
  const dialog = (change: Partial<ActionDialogProps> = {}, rows = 16) =>
    overlayOf(
      <ActionDialog
        acting={acting()}
        environment="demo"
        focus="cancel"
        typed=""
        mustType={false}
        canRun={true}
        now={NOW}
        columns={62}
        rows={rows}
        theme={PLAIN}
        {...change}
      />,
      rows,
    );

  it('needs the action, the buttons and the size of the terminal', () => {
    expect(dialog()).toMatchInlineSnapshot(`
      " ╭─ VACUUM ANALYZE execution.trades ─────────────── [DEMO] ─╮
       │ VACUUM (ANALYZE, VERBOSE) "execution"."trades"           │
       │                                                          │
       │   size         1.2 GB                                    │
       │ ▲ dead rows    412,000 of 9.1 M (4.5 %)                  │
       │   last run     2d ago, took 41 s                         │
       │   lock         ShareUpdateExclusive: reads and writes    │
       │                continue                                  │
       │   blocked by   nobody                                    │
       │   oldest xmin  4s                                        │
       │                                                          │
       │                   [ Cancel ]     Run                     │
       ╰─ y run · Tab other button · ⏎ press ───────── 1–9 of 10 ─╯"
    `);
  });

  it('counts the lines that have no room, and keeps the prompt and the buttons', () => {
    const long = {...PLAN, facts: [...PLAN.facts, ...PLAN.facts]};
    expect(dialog({acting: acting({plan: long}), mustType: true, typed: 'exec', focus: 'run'})).toMatchInlineSnapshot(`
      " ╭─ VACUUM ANALYZE execution.trades ─────────────── [DEMO] ─╮
       │ VACUUM (ANALYZE, VERBOSE) "execution"."trades"           │
       │                                                          │
       │   size         1.2 GB                                    │
       │ ▲ dead rows    412,000 of 9.1 M (4.5 %)                  │
       │   last run     2d ago, took 41 s                         │
       │   lock         ShareUpdateExclusive: reads and writes    │
       │                continue                                  │
       │                                                          │
       │ Type execution.trades to confirm: exec▏                  │
       │                                                          │
       │                     Cancel     [ Run ]                   │
       ╰─ type the name · Tab, ⏎ run · Esc cancel ──── 1–7 of 18 ─╯"
    `);
  });

  it('keeps the buttons beside a refusal that is longer than the terminal', () => {
    const refusal = sanitise('refused because of that, '.repeat(60));
    const lines = dialog({acting: acting({plan: {...PLAN, refusal}})}).split('\n');
    expect(lines).toHaveLength(13);
    expect(lines.at(-2)).toMatch(/^ │ +\[ Cancel \] +│$/);
    expect(lines.at(-1)).toMatch(/^ ╰─ ⏎ Cancel ─+ 1–1 of 10 ─╯$/);
  });
});

describe('a list over the panes', () => {
  it('needs its content and its size', () => {
    const checks = {running: false, at: NOW, results: CHECKS.slice(0, 2), error: undefined};
    const content = checksContent({checks, now: NOW, scroll: 1, width: 56});
    const size = {width: 60, height: 8, page: 4, columns: 60, rows: 10};
    expect(overlayOf(<ListOverlay content={content} {...size} theme={PLAIN} />, 10)).toMatchInlineSnapshot(`
      "╭─ Verification ─────────────────────── 12:04:31Z, 0s ago ─╮
      │ ▲ 1 warn   ● 1 pass                                      │
      │ data of the last 48 h; all of it: tradetop verify --full │
      │                                                          │
      │  ▲ warn  three months of partitions are ready    4.0 ms  │
      │          table_name data_ingestion.market_data · ready_… │
      │          → Press P, or run: tradetop maintain            │
      ╰─ v verify again · Esc back ─────────────────── 2–5 of 7 ─╯"
    `);
  });
});
