import {ageAt, bytes, compact, count, percent} from '../../src/core/format.ts';
import {cut, pad, tail, wrap} from '../../src/core/width.ts';
import {actionOf} from '../../src/input/action-bindings.ts';
import {chooserItems, chooserScopes} from '../../src/input/chooser.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay, Scope} from '../../src/model/ui-state.ts';
import {chosenIndex, type TargetItem} from '../../src/store/targets.ts';
import {paragraph} from '../lines/paragraph.ts';
import {statusOf} from '../lines/status.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

type Chooser = Extract<Overlay, {kind: 'chooser'}>;

/** The targets that an action takes, with what speaks for choosing one. */
export function chooserOverlay(state: State, overlay: Chooser, width: number): OverlayContent {
  const scopes = chooserScopes(state, overlay);
  if (scopes) return scopesOf(overlay, scopes, width);
  const items = chooserItems(state, overlay);
  const at = chosenIndex(items, overlay.key, overlay.selected);
  const status = statusOf(state.samples.tables, state.at);
  const problem =
    status.severity === 'idle' ? `${GLYPH.idle} ${status.detail}` : `${GLYPH.warn} ${status.head}: ${status.detail}`;
  const problemLines = status.detail === '' ? [] : paragraph(problem, width, 'strong');
  const none: Line = [[overlay.filter === '' ? 'There is nothing to choose.' : 'Nothing has such a name.', 'faint']];
  return {
    title: [[titleOf(overlay), 'title']],
    right: [[`${count(items.length)} entries`, 'faint']],
    foot: [[FOOT, 'faint']],
    tone: 'accent',
    top: [...problemLines, [['  '], [`${tail(overlay.filter, width - 6)}▏`, 'accent']], head(width)],
    bottom: [],
    lines: items.length === 0 ? [none] : items.map((item, i) => itemLine(item, i === at, width, state.at)),
    scroll: {at},
  };
}

/** The scopes of a row. */
function scopesOf(overlay: Chooser, scopes: readonly Scope[], width: number): OverlayContent {
  const at = chosenIndex(scopes, overlay.key, overlay.selected);
  const about = scopes.some(scope => scope.about !== undefined) ? wrap(scopes[at]?.about ?? '', width) : undefined;
  return {
    title: [[titleOf(overlay), 'title']],
    right: [[`${count(scopes.length)} entries`, 'faint']],
    foot: [[FOOT, 'faint']],
    tone: 'accent',
    top: [[['  '], [`${tail(overlay.filter, width - 6)}▏`, 'accent']]],
    bottom: about ? [[], ...Array.from({length: ABOUT}, (_, i): Line => [[about[i] ?? '', 'faint']])] : [],
    lines: scopes.map(
      ({text}, i): Line => [
        [i === at ? '▸ ' : '  ', 'title'],
        [cut(text, width - 2), i === at ? 'select' : 'plain'],
      ],
    ),
    scroll: {at},
  };
}

/** Lines for what there is to know of the selected scope. */
const ABOUT = 3;

const titleOf = ({actionId}: Chooser): string => `${actionOf(actionId)?.title ?? actionId}: of what?`;
const FOOT = 'type to narrow down · ↑↓ choose · ⏎ take · Esc back';

type Cell = {readonly title: string; readonly width: number; readonly text: (item: TargetItem, now: number) => string};

// The columns right of the name; below 90 cells the first two are left out.
const CELLS: readonly Cell[] = [
  {title: 'KIND', width: 13, text: kindOf},
  {title: 'ROWS', width: 10, text: item => compact(item.liveRows)},
  {title: 'SIZE', width: 10, text: item => bytes(item.sizeBytes)},
  {title: 'DEAD', width: 17, text: deadOf},
  {title: 'VACUUMED', width: 10, text: vacuumedOf},
];
const cellsFor = (width: number): readonly Cell[] => (width < 90 ? CELLS.slice(2) : CELLS);

function row(width: number, name: string, text: (cell: Cell) => string): string {
  const cells = cellsFor(width);
  const room = width - 2 - cells.reduce((sum, c) => sum + c.width, 0);
  return pad(name, Math.max(8, room)) + cells.map(c => pad(text(c), c.width, 'right')).join('');
}

const head = (width: number): Line => [['  '], [row(width, 'NAME', c => c.title), 'faint']];

function itemLine(item: TargetItem, chosen: boolean, width: number, now: number): Line {
  const text = row(width, nameOf(item), c => c.text(item, now));
  if (chosen)
    return [
      ['▸ ', 'title'],
      [text, 'select'],
    ];
  return [['  '], [text, item.target.kind === 'table' ? 'plain' : 'strong']];
}

function nameOf({target, name}: TargetItem): string {
  return target.kind === 'database' ? `${name} (whole)` : target.kind === 'schema' ? `${name}.*` : name;
}

function kindOf({target, kind, tables}: TargetItem): string {
  return target.kind === 'table' ? kind : `${count(tables)} ${tables === 1 ? 'table' : 'tables'}`;
}

function deadOf({kind, liveRows, deadRows}: TargetItem): string {
  if (kind === 'partitioned') return '';
  const all = liveRows + deadRows;
  return `${compact(deadRows)} ${pad(percent(all > 0 ? (100 * deadRows) / all : 0), 7, 'right')}`;
}

function vacuumedOf({kind, lastVacuum, vacuumPercent}: TargetItem, now: number): string {
  if (vacuumPercent !== undefined) return `now ${Math.round(vacuumPercent)}%`;
  return kind === 'partitioned' ? '' : lastVacuum === undefined ? 'never' : ageAt(lastVacuum, now);
}
