import {ageAt, bytes, compact, count, percent} from '../../src/core/format.ts';
import {pad, tail} from '../../src/core/width.ts';
import {ACTION_TITLES} from '../../src/store/press-typing.ts';
import type {State} from '../../src/store/state.ts';
import {chosenIndex, type TargetItem, targetItems} from '../../src/store/targets.ts';
import type {Overlay} from '../../src/store/ui-state.ts';
import {paragraph} from '../paragraph.ts';
import type {Sheet} from '../sheet.ts';
import {statusOf} from '../status.ts';
import {GLYPH, type Line} from '../theme.ts';

type Chooser = Extract<Overlay, {kind: 'chooser'}>;

/** The database, its schemas and its tables, to choose what an action works on. */
export function chooserSheet(state: State, overlay: Chooser, width: number): Sheet {
  const items = targetItems(state, overlay.filter);
  const at = chosenIndex(items, overlay.key, overlay.selected);
  const status = statusOf(state.samples.tables, state.at);
  const said = status.detail === '' ? [] : paragraph(`${GLYPH.warn} ${status.head}: ${status.detail}`, width, 'strong');
  const none: Line = [[overlay.filter === '' ? 'There is no table to choose.' : 'Nothing has such a name.', 'faint']];
  return {
    title: [[`${ACTION_TITLES[overlay.actionId] ?? overlay.actionId}: of what?`, 'title']],
    right: [[`${count(items.length)} entries`, 'faint']],
    foot: [['type to narrow down · ↑↓ choose · ⏎ take, then confirm · Esc back', 'faint']],
    tone: 'accent',
    top: [...said, [['  '], [`${tail(overlay.filter, width - 6)}▏`, 'accent']], head(width)],
    bottom: [],
    lines: items.length === 0 ? [none] : items.map((item, i) => itemLine(item, i === at, width, state.at)),
    scroll: {at},
  };
}

// Cells of the columns right of the name, each with its gap.
const SIZES = [12, 10, 10, 18, 10] as const;
const RIGHT = SIZES.reduce((sum, n) => sum + n, 0);

const row = (width: number, name: string, rest: readonly string[]): string =>
  pad(name, Math.max(8, width - 2 - RIGHT)) +
  rest.map((text, i) => pad(text, SIZES[i] ?? 0, i === 0 ? 'left' : 'right')).join('');

const head = (width: number): Line => [
  ['  '],
  [row(width, 'NAME', [' KIND', 'SIZE', 'ROWS', 'DEAD', 'VACUUMED']), 'faint'],
];

function itemLine(item: TargetItem, chosen: boolean, width: number, now: number): Line {
  const all = item.liveRows + item.deadRows;
  const dead =
    all === 0
      ? count(item.deadRows)
      : `${compact(item.deadRows)} ${pad(percent((100 * item.deadRows) / all), 6, 'right')}`;
  const last = item.kind === 'partitioned' ? '' : item.lastVacuum === undefined ? 'never' : ageAt(item.lastVacuum, now);
  const cells = [` ${kindOf(item)}`, bytes(item.sizeBytes), compact(item.liveRows), dead, last];
  const text = row(width, item.name, cells);
  return chosen
    ? [
        ['▸ ', 'title'],
        [text, 'select'],
      ]
    : [['  '], [text, item.kind === 'table' ? undefined : 'plain']];
}

const kindOf = (item: TargetItem): string =>
  item.kind === 'database' || item.kind === 'schema'
    ? `${item.kind === 'schema' ? 'schema' : 'all'} ${count(item.tables)}`
    : item.kind;
