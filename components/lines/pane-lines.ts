import type {Micros} from '../../src/core/time.ts';
import {wrap} from '../../src/core/width.ts';
import type {PaneUi} from '../../src/model/ui-state.ts';
import {selectedIndex} from '../../src/store/ui.ts';
import {type Fitted, fitColumns, naturalOf} from './fit.ts';
import {edgeRoom, type FrameContent} from './frame.ts';
import type {Memo, PaneDef} from './pane.ts';
import {type Status, statusHead} from './status.ts';
import {type Column, decimalsFor, filterRows, orderRows} from './table.ts';
import {cell, GLYPH, type Line, type Span, type Style} from './theme.ts';

export type PaneInput<Data> = {
  readonly memo: Memo;
  readonly data: Data;
  readonly status: Status;
  readonly ui: PaneUi;
  readonly filter: string;
  readonly wide: boolean;
  readonly now: Micros;
  readonly digit: string;
  readonly focused: boolean;
  readonly width: number;
  readonly height: number;
};

type Def<Data extends object, Row> = PaneDef<Data, Row>;

/** The rows as they stand: filtered and ordered. */
export function rowsOf<Data extends object, Row>(
  def: Def<Data, Row>,
  all: readonly Row[],
  ui: PaneUi,
  filter: string,
  now: Micros,
): {readonly rows: readonly Row[]; readonly error?: string} {
  const found = filterRows(all, def.columns, filter, now);
  return {...found, rows: orderRows(found.rows, def.columns, ui.sort, ui.reverse)};
}

/** The first row of those that are seen: the selected one is in the middle, where there is room on both sides. */
export const windowStart = (selected: number, size: number, total: number): number =>
  Math.max(0, Math.min(selected - Math.floor(size / 2), total - size));

/** The columns that a pane of this width shows. */
export function shownColumns<Data extends object, Row>(
  def: Def<Data, Row>,
  rows: readonly Row[],
  wide: boolean,
  width: number,
  now: Micros,
): readonly Column<Row>[] {
  return layout(def, rows, rows.slice(0, 50), wide, width, now).fitted.map(f => f.column);
}

/** A pane as it stands: with its edges exactly `height` lines. */
export function paneFrame<Data extends object, Row>(def: Def<Data, Row>, input: PaneInput<Data>): FrameContent {
  const {data, status, ui, filter, width, height, focused, now} = input;
  const tone: Style = focused ? 'accent' : 'faint';
  const all = def.rows(data, input.memo);
  const {rows, error} = rowsOf(def, all, ui, filter, now);
  const inside = Math.max(0, height - 2);
  const told = notices(def, input, rows.length, all.length, error).slice(
    0,
    rows.length === 0 ? inside : Math.max(1, inside - 2),
  );
  const size = Math.max(0, inside - told.length - 1);
  const totals = size > 3 && rows.length > 0 ? def.totals?.(rows) : undefined;
  const room = totals ? size - 1 : size;
  const selected = ui.selected === undefined ? 0 : selectedIndex(ui, rows.map(def.rowKey));
  // Without the focus it follows its first rows: a pane that stands still must never be taken for a quiet market.
  const start = focused ? windowStart(selected, room, rows.length) : 0;
  const body = tableLines(def, input, {rows, start, room, selected, totals});
  const lines = [...told, ...(rows.length > 0 ? body : [])].slice(0, inside);
  while (lines.length < inside) lines.push([]);
  const title: Line = [
    [`${input.digit} ${def.title}`.trim(), focused ? 'title' : 'strong'],
    ...(filter === '' ? [] : [[` /${filter}`, 'accent'] as const]),
  ];
  const right = status.head === '' ? def.head(data, all) : statusHead(status);
  const place = rows.length > room && room > 0 ? `${start + 1}–${start + room} of ${rows.length}` : '';
  return {
    title,
    right,
    rows: lines,
    foot: def.foot(data, all, edgeRoom(width, place.length)),
    position: place === '' ? [] : [[place, 'faint']],
    width,
    tone,
  };
}

type View<Row> = {
  readonly rows: readonly Row[];
  readonly start: number;
  readonly room: number;
  readonly selected: number;
  readonly totals: Readonly<Record<string, readonly [text: string, style?: Style]>> | undefined;
};

function tableLines<Data extends object, Row>(def: Def<Data, Row>, input: PaneInput<Data>, view: View<Row>): Line[] {
  const seen = view.rows.slice(view.start, view.start + view.room);
  const {fitted, gap, texts} = layout(def, view.rows, seen, input.wide, input.width - 2, input.now, view.totals);
  const dim = input.status.head !== '' && input.status.state !== 'waiting';
  const space: Span = [' '.repeat(gap)];
  const join = (lead: Span, spans: readonly Span[]): Line => [
    lead,
    ...spans.flatMap((span, i) => (i === 0 ? [span] : [space, span])),
  ];
  const at = new Map(def.columns.map((c, i) => [c, i]));
  const lines = seen.map((row, r): Line => {
    const chosen = input.focused && view.start + r === view.selected;
    const base = dim && def.fresh?.(row) !== true ? 'faint' : def.rowStyle?.(row);
    const spans = fitted.map(({column, width}) =>
      cell(
        texts[r]?.[at.get(column) ?? 0] ?? '',
        width,
        column.align,
        chosen ? 'select' : (base ?? column.style?.(row)),
      ),
    );
    if (!chosen) return join([def.sign?.(row) ?? ' ', 'faint'], spans);
    return join(['▸', 'title'], spans).map(([text, style]) => [text, style ?? 'select']);
  });
  const head = fitted.map(({column, width}) =>
    cell(heading(column, input.ui), width, column.align, headStyle(column, input.ui)),
  );
  const sums = view.totals
    ? [
        join(
          [' '],
          fitted.map(({column, width}) =>
            cell(
              view.totals?.[column.id]?.[0] ?? '',
              width,
              column.align,
              dim ? 'faint' : (view.totals?.[column.id]?.[1] ?? 'strong'),
            ),
          ),
        ),
      ]
    : [];
  return [join([' '], head), ...lines, ...sums];
}

function layout<Data extends object, Row>(
  def: Def<Data, Row>,
  all: readonly Row[],
  seen: readonly Row[],
  wide: boolean,
  width: number,
  now: Micros,
  totals: View<Row>['totals'] = undefined,
): {readonly fitted: readonly Fitted<Row>[]; readonly gap: number; readonly texts: readonly (readonly string[])[]} {
  const decimals = decimalsFor(def.columns, all);
  const texts = seen.map(row => def.columns.map(c => c.text(row, {now, decimals: decimals.get(c.id) ?? 0})));
  const sums = totals ? [def.columns.map(c => totals[c.id]?.[0] ?? '')] : [];
  return {...fitColumns(def.columns, naturalOf(def.columns, all, [...texts, ...sums], now), width - 2, wide), texts};
}

function heading<Row>(column: Column<Row>, ui: PaneUi): string {
  if (ui.sort !== column.id) return column.title;
  return `${column.title}${ui.reverse ? '↑' : '↓'}`;
}

const headStyle = <Row>(column: Column<Row>, ui: PaneUi): Style => (ui.sort === column.id ? 'accent' : 'faint');

function notices<Data extends object, Row>(
  def: Def<Data, Row>,
  {data, status, filter, width}: PaneInput<Data>,
  shown: number,
  all: number,
  error: string | undefined,
): Line[] {
  const inner = Math.max(1, width - 4);
  // What begins with spaces or a sign is indented by as much in the lines that follow.
  const say = (text: string, style: Style): Line[] => {
    const indent = /^(?: {2}|\W )/.test(text) ? 2 : 0;
    const lead = text.slice(0, indent);
    return wrap(text.slice(indent), inner - indent).map((line, i) => [
      [` ${i === 0 ? lead : ' '.repeat(indent)}${line}`, style],
    ]);
  };
  const lines: Line[] = [];
  if (status.detail !== '') {
    const {severity} = status;
    const idle = severity === 'idle';
    const sign: Span = severity === 'idle' ? [`${GLYPH.idle} `, 'faint'] : [`${GLYPH[severity]} `, severity];
    const words = wrap(idle ? status.detail : `${status.head}: ${status.detail}`, inner - 2);
    lines.push(...words.map((line, i): Line => [[' '], i === 0 ? sign : ['  '], [line, idle ? 'faint' : 'strong']]));
    if (status.since !== '') lines.push(...say(`  ${status.since}`, 'faint'));
    if (status.next !== '') lines.push(...say(`  ${status.next}`, 'plain'));
  }
  if (error !== undefined) lines.push(...say(`${GLYPH.warn} filter: ${error}`, 'strong'));
  for (const text of def.remarks?.(data) ?? []) lines.push(...say(`${GLYPH.warn} ${text}`, 'plain').slice(0, 3));
  if (all === 0 && status.detail === '') lines.push(...say(def.empty, 'faint'));
  else if (shown === 0 && all > 0) lines.push(...say(`no row matches /${filter} (Esc clears it)`, 'faint'));
  return lines;
}
