import type {Acting, Outcome, Plan, Progress} from '../../src/actions/action.ts';
import {age, count, duration} from '../../src/core/format.ts';
import {cells, cut, pad, tail} from '../../src/core/width.ts';
import {canRun, mustType} from '../../src/input/action-dialog.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import {banner} from '../chrome/banner.ts';
import {labelled, paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line, type Span, type Style, type Theme} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

type Act = Extract<Overlay, {kind: 'act'}>;

/** The dialog of an action: what would happen and on what, how far it is, how it ended. */
export function actionDialog(state: State, acting: Acting, overlay: Act, width: number, theme: Theme): OverlayContent {
  const {lines, bottom, foot} = body(state, acting, overlay, width);
  const prod = state.about.environment === 'prod';
  return {
    title: [
      [`${acting.title} `, 'title'],
      [acting.targetName, 'strong'],
    ],
    right: [banner(state.about.environment, theme)],
    foot: [[foot, 'faint']],
    tone: prod ? 'crit' : 'accent',
    top: [],
    bottom,
    lines,
    scroll: 0,
  };
}

type Body = {readonly lines: readonly Line[]; readonly bottom: readonly Line[]; readonly foot: string};

function body(state: State, acting: Acting, overlay: Act, width: number): Body {
  const {plan, progress, outcome} = acting;
  const elapsed = age((state.at - acting.since) / 1e6);
  if (acting.phase === 'ended' && outcome) return endedBody(outcome, width);
  if (acting.phase === 'confirm' && plan) return confirmBody(state, plan, overlay, width);
  if (acting.phase === 'running') {
    const lines = [...(plan ? sqlLines(plan, width) : []), [], ...progressLines(progress, elapsed, width)];
    return {lines, bottom: [], foot: 'Ctrl-X cancels it on the server · Esc leaves it running'};
  }
  return {lines: [[[`${GLYPH.idle} looking at ${acting.targetName} …  ${elapsed}`]]], bottom: [], foot: 'Esc back'};
}

// Statements beyond these are counted: a schema's has one a table.
const MOST_SQL = 6;

function sqlLines({sql}: Plan, width: number): readonly Line[] {
  const more = sql.length - MOST_SQL;
  return [
    ...sql.slice(0, MOST_SQL).flatMap(statement => paragraph(statement, width, 'strong')),
    ...(more > 0 ? [[[`and ${count(more)} more like it`, 'faint']] as Line] : []),
  ];
}

function confirmBody(state: State, plan: Plan, overlay: Act, width: number): Body {
  const label = Math.max(...plan.facts.map(fact => cells(fact.label)), 4) + 4;
  const facts = plan.facts.flatMap(fact => {
    const [first = [], ...rest] = labelled(
      fact.label,
      fact.value,
      label - 2,
      width - 2,
      fact.warn ? 'strong' : undefined,
    );
    const sign: Span = fact.warn ? [`${GLYPH.warn} `, 'warn'] : ['  '];
    return [[sign, ...first], ...rest.map((line): Line => [['  '], ...line])];
  });
  const refusal = plan.refusal === undefined ? [] : [[], ...paragraph(`${GLYPH.crit} ${plan.refusal}`, width, 'crit')];
  const typing = mustType(state) && plan.refusal === undefined;
  const prompt: readonly Line[] = typing
    ? [[], [['Type '], [plan.targetName, 'strong'], [' to go on: '], [`${tail(overlay.typed, 40)}▏`, 'accent']]]
    : [];
  return {
    lines: [...sqlLines(plan, width), [], ...facts],
    bottom: [...refusal, ...prompt, [], buttons(state, plan, overlay, width)],
    foot: plan.refusal
      ? '⏎ Cancel'
      : typing
        ? 'type the name, Tab to Run, ⏎ · Esc cancels'
        : 'y runs it · Tab the other button · ⏎ presses it · Esc cancels',
  };
}

function buttons(state: State, plan: Plan, overlay: Act, width: number): Line {
  const cancel: Span = overlay.focus === 'cancel' ? ['[ Cancel ]', 'button'] : ['  Cancel  ', 'plain'];
  if (plan.refusal !== undefined) return [[pad('', Math.max(0, Math.floor((width - 10) / 2)))], cancel];
  const ready = canRun(state, overlay.typed);
  const run: Span =
    overlay.focus === 'run' ? ['[ Run ]', ready ? 'button' : 'faint'] : ['  Run  ', ready ? 'strong' : 'faint'];
  return [[' '.repeat(Math.max(0, Math.floor((width - 20) / 2)))], cancel, ['   '], run];
}

function progressLines(progress: Progress | undefined, elapsed: string, width: number): readonly Line[] {
  if (progress === undefined) return [[[`${GLYPH.idle} started, no word from the server yet  ${elapsed}`]]];
  const {percent, phase, step, steps, current, blockers} = progress;
  const size = Math.max(10, Math.min(40, width - 30));
  const done = Math.round((size * Math.max(0, Math.min(100, percent ?? 0))) / 100);
  const meter: Line =
    percent === undefined
      ? [
          [phase, 'strong'],
          [`  ${elapsed}`, 'faint'],
        ]
      : [
          ['█'.repeat(done), 'accent'],
          ['░'.repeat(size - done), 'faint'],
          [` ${Math.round(percent)}%  `, 'strong'],
          [phase],
          [`  ${elapsed}`, 'faint'],
        ];
  return [
    ...(steps > 1 ? [[[`${count(step)} of ${count(steps)}  `, 'faint'], [current]] as Line] : []),
    meter,
    ...blockers.flatMap(blocker => paragraph(`${GLYPH.warn} held up by ${blocker}`, width, 'strong')),
  ];
}

const ENDINGS: Readonly<Record<Outcome['outcome'], readonly [glyph: string, style: Style, word: string]>> = {
  done: [GLYPH.ok, 'ok', 'done'],
  dry_run: [GLYPH.ok, 'ok', 'dry run'],
  partial: [GLYPH.warn, 'warn', 'done in part'],
  skipped: [GLYPH.warn, 'warn', 'skipped'],
  cancelled: [GLYPH.warn, 'warn', 'cancelled'],
  failed: [GLYPH.crit, 'crit', 'failed'],
};

// What the server said besides: the beginning of each. VACUUM VERBOSE says a page a table; the summary has what matters.
const MOST_NOTICES = 5;

function noticeLines(notices: readonly string[], width: number): readonly Line[] {
  const more = notices.length - MOST_NOTICES;
  return [
    ...notices.slice(0, MOST_NOTICES).map((notice): Line => [[cut(notice, width), 'faint']]),
    ...(more > 0 ? [[[`and ${count(more)} more notices`, 'faint']] as Line] : []),
  ];
}

function endedBody(outcome: Outcome, width: number): Body {
  const [glyph, style, word] = ENDINGS[outcome.outcome];
  const facts = [
    `took ${duration(outcome.ms)}`,
    ...(outcome.rows === undefined ? [] : [`${count(outcome.rows)} rows`]),
    outcome.auditId === undefined ? 'not in the audit log' : `audit ${outcome.auditId}`,
  ];
  return {
    lines: [
      [
        [`${glyph} `, style],
        [word, 'strong'],
        [`  ${facts.join(' · ')}`, 'faint'],
      ],
      ...paragraph(outcome.summary, width),
      ...noticeLines(outcome.notices, width),
    ],
    bottom: [],
    foot: '⏎ or Esc closes it',
  };
}
