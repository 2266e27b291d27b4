import type {ComponentType, ReactElement} from 'react';
import type {Micros} from '../../../src/core/time.ts';
import type {RowUse} from '../../../src/input/binding.ts';
import type {ExplainTarget} from '../../../src/model/explained.ts';
import type {SampleId, State} from '../../../src/model/state.ts';
import type {Lead, PaneId, PaneUi} from '../../../src/model/ui-state.ts';
import type {FigureAt} from '../../../src/store/history.ts';
import type {Status} from '../../lines/status.ts';
import type {Column} from '../../lines/table.ts';
import type {Totals} from '../../lines/table-lines.ts';
import type {Line, Style, Theme} from '../../lines/theme.ts';
import type {Found, PaneTable} from './pane-table.ts';

/** Results that a pane keeps from frame to frame, by the object that they were derived from. */
export type Memo = WeakMap<object, unknown>;

/**
 * What a pane takes from the State: values and references, which are compared one by one to decide whether the pane is
 * drawn again. `status` says how its source is.
 */
export type PaneData = {readonly status: Status};

/** A pane as its file declares it. Only `select` sees the State. */
export type PaneDef<Data extends PaneData, Row> = {
  readonly id: PaneId;
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly select: (state: State) => Data;
  /** The rows in the pane's own order; `memo` keeps what was derived from a row from frame to frame. */
  readonly rows: (data: Data, memo: Memo) => readonly Row[];
  /** The identity of a row while readings come and go. */
  readonly rowKey: (row: Row) => string;
  /** Right of the title, while nothing is wrong. */
  readonly head: (data: Data, rows: readonly Row[]) => Line;
  /** In the lower edge, which has room for `room` cells. */
  readonly foot: (data: Data, rows: readonly Row[], room: number) => Line;
  /** What else is wrong, a line each. */
  readonly remarks?: (data: Data) => readonly string[];
  /** Shown in place of rows where there are none and nothing is wrong. */
  readonly empty: string | ((data: Data) => string);
  /** The pane in one line, for a screen that has no room for more. */
  readonly brief: (data: Data, rows: readonly Row[]) => Line;
  /** Sums under the rows, by column. */
  readonly totals?: (rows: readonly Row[]) => Totals;
  /** The sums are shown only where a filter or a lead narrows the rows down. */
  readonly sumsNarrowed?: boolean;
  /** A sign in front of a row that is not selected. */
  readonly sign?: (row: Row) => string | undefined;
  /** Rows that stay bright while the pane's source fails: they come from another. */
  readonly fresh?: (row: Row) => boolean;
  readonly rowStyle?: (row: Row) => Style | undefined;
  /** What `d` steps through; the first is the one it begins with. `select` reads the chosen one from the UiState. */
  readonly modes?: readonly PaneMode[];
  /** What a row leads to; of several the first that there is. Undefined: nothing. */
  readonly lead?: (row: Row) => Lead | readonly Lead[] | undefined;
  /** The rows of the database that a row has found: its details show them whole. Default: none. */
  readonly found?: (row: Row) => Found;
  /** The statement of a row whose plan can be asked for; undefined: it has none. */
  readonly explains?: (row: Row) => ExplainTarget | undefined;
  /** Numbers of the pane as a whole, by name: they have a past too. */
  readonly figures?: (data: Data) => Readonly<Record<string, number | undefined>>;
  /** Its rows never change: they have no past. */
  readonly fleeting?: boolean;
  /** Whether a row has this column at all; its details leave out the others. Default: every column. */
  readonly applies?: (row: Row, columnId: string) => boolean;
  /** What `y` copies; undefined: the row as JSON. */
  readonly copy?: (row: Row) => string | undefined;
};

/** Where and how a pane is drawn. */
type Placed = {
  /** The digit that goes to the pane: shown before its title. */
  readonly digit?: string;
  /** In cells and lines, the frame included. */
  readonly width: number;
  readonly height: number;
  /** The selected row is marked and kept in sight. */
  readonly focused?: boolean;
  readonly theme: Theme;
};

/** A pane's props without the State: enough for a test to draw it. */
export type PaneViewProps<Data extends PaneData> = Placed & {
  readonly data: Data;
  /** What a person has done to the pane. Default: nothing. */
  readonly ui?: PaneUi;
  /** Ages in the rows count from it. */
  readonly now?: Micros;
};

/** A pane's props as App gives them: it takes its part of the State by itself. */
type PaneProps = Placed & {readonly state: State};

/** A way in which a pane counts. */
type PaneMode = {readonly id: string; readonly title: string};

/** A number of a row: its column, the heading, and how the pane shows it. */
export type RowNumber = {readonly column: string; readonly title: string; readonly text: string};

/** A pane for those who know none in particular: App, viewport, `snapshot`, details, docs. */
export type Pane = {
  readonly id: PaneId;
  readonly title: string;
  readonly modes: readonly PaneMode[];
  /** Names of its columns, as JSON has them. */
  readonly columnIds: readonly string[];
  readonly Connected: (props: PaneProps) => ReactElement;
  /** What its rows can be used for. */
  readonly offers: ReadonlySet<RowUse>;
  /** The samples that it reads. */
  readonly reads: (state: State) => readonly SampleId[];
  readonly table: (state: State) => PaneTable;
  /** Identities of the rows as they are shown: filtered and ordered. */
  readonly keys: (state: State) => readonly string[];
  /** Whether it has this row, filtered out or not. */
  readonly has: (state: State, key: string) => boolean;
  /** What a row may lead to: `leadOf` chooses. */
  readonly leads: (state: State, key: string) => readonly Lead[];
  /** The rows of the database that a row has found. */
  readonly found: (state: State, key: string) => Found | undefined;
  readonly explains: (state: State, key: string) => ExplainTarget | undefined;
  /** The numbers of a row that have a past, in the order of the columns; of the pane as a whole where its rows have none. */
  readonly figures: (state: State, key: string) => readonly RowNumber[];
  /** The row in a few words: the first of its columns. */
  readonly nameOf: (state: State, key: string) => string;
  /** Every number that has a past. */
  readonly recorded: (state: State) => readonly FigureAt[];
  /** The columns that a pane of this width shows and that can order its rows. */
  readonly sorts: (state: State, width: number) => readonly {readonly id: string; readonly title: string}[];
  readonly copy: (state: State, key: string) => string | undefined;
  /** The values of a row by the ids of its columns; undefined when the row is gone. */
  readonly values: (state: State, key: string) => Readonly<Record<string, unknown>> | undefined;
  /** Every column of a row with all its digits; undefined when the row is gone. */
  readonly details: (state: State, key: string) => readonly (readonly [name: string, value: string])[] | undefined;
  readonly brief: (state: State) => Line;
};

/** A pane as `definePane` makes it: with a view that a test can draw without a State. */
export type DefinedPane<Data extends PaneData> = Pane & {readonly View: ComponentType<PaneViewProps<Data>>};
