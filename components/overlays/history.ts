import {age, ageAt} from '../../src/core/format.ts';
import {clock, type Micros} from '../../src/core/time.ts';
import type {Past} from '../../src/model/past.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import {chartLines} from '../lines/chart.ts';
import type {Line} from '../lines/theme.ts';
import {paneOf} from '../panes/index.ts';
import type {OverlayContent} from './overlay.ts';

type HistoryOverlay = Extract<Overlay, {kind: 'history'}>;

// Lines of the curve.
const HEIGHT = 11;

/** The past of one number of a row as a curve, up to an hour of it, with its value now. */
export function historyContent(state: State, {pane, key, column}: HistoryOverlay, width: number): OverlayContent {
  const {title, figures, nameOf} = paneOf(pane);
  const all = figures(state, key);
  const name = nameOf(state, key);
  const gone = all.length === 0;
  const figure = all.find(each => each.column === column) ?? all[0];
  // Of a row that is gone the past stays for an hour.
  const shown = figure?.column ?? column;
  const past = shown === undefined ? undefined : state.history?.past(pane, key, shown, state.at);
  return {
    title: [
      [title, 'title'],
      [name === '' ? '' : ` ${name}`, 'strong'],
    ],
    right: [[past === undefined ? '' : `last ${age(past.values.length * past.everySeconds)}`, 'faint']],
    foot: [['←→ another number · Esc back', 'faint']],
    tone: 'accent',
    top: [gone ? [[`${shown ?? 'number'}: the row is gone from the pane`, 'faint']] : headings(all, shown), []],
    bottom: [],
    lines:
      past === undefined
        ? [[[`Nothing is known of its past${gone ? '.' : ' yet: a point every 5 s.'}`, 'faint']]]
        : curve(past, state.at, width),
    scroll: 0,
  };
}

function curve(past: Past, now: Micros, width: number): readonly Line[] {
  const began = now - past.values.length * past.everySeconds * 1_000_000;
  const [from, to] = [`${clock(began)}Z (${ageAt(began, now)} ago)`, `${clock(now)}Z`];
  return chartLines({values: past.values, width, height: HEIGHT, from, to});
}

/** The row's numbers by their headings, the one of the curve with its value. */
function headings(all: ReturnType<ReturnType<typeof paneOf>['figures']>, chosen: string | undefined): Line {
  return all.flatMap(
    ({column, title, text}): Line => [column === chosen ? [`${title} ${text}`, 'strong'] : [title, 'faint'], ['  ']],
  );
}
