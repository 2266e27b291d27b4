import type {ReactElement} from 'react';
import type {State} from '../../src/model/state.ts';
import type {PaneId} from '../../src/model/ui-state.ts';
import type {Status} from './status.ts';
import type {Column, Value} from './table.ts';
import type {Line, Style, Theme} from './theme.ts';

/** What a pane worked out, by what it worked it out from. */
export type Memo = WeakMap<object, unknown>;

/** A pane as its file declares it. `Data` is what it takes from the State: values and references, compared one by one. */
export type PaneDef<Data extends object, Row> = {
  readonly id: PaneId;
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly select: (state: State) => Data;
  /** The rows in the pane's own order; `memo` keeps what was worked out for a row from frame to frame. */
  readonly rows: (data: Data, memo: Memo) => readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly status: (state: State) => Status;
  /** Right of the title, when all is well. */
  readonly head: (data: Data, rows: readonly Row[]) => Line;
  /** In the lower edge, which has `room` cells. */
  readonly foot: (data: Data, rows: readonly Row[], room: number) => Line;
  /** What else is wrong, a line each. */
  readonly remarks?: (data: Data) => readonly string[];
  /** Said in place of rows when there are none, and that is well. */
  readonly empty: string;
  /** The pane in one line, for a screen that has no room. */
  readonly brief: (data: Data, rows: readonly Row[]) => Line;
  /** Sums under the rows, by column. */
  readonly totals?: (rows: readonly Row[]) => Readonly<Record<string, readonly [text: string, style?: Style]>>;
  /** A sign in front of the row, when it is not selected. */
  readonly sign?: (row: Row) => string | undefined;
  /** Rows that stay bright while the pane's source fails: they come from another. */
  readonly fresh?: (row: Row) => boolean;
  readonly rowStyle?: (row: Row) => Style | undefined;
  /** Whether a row has this column at all; its details tell of no other. Default: all. */
  readonly applies?: (row: Row, columnId: string) => boolean;
  /** What `y` copies; undefined: the row as JSON. */
  readonly copy?: (row: Row) => string | undefined;
};

/** A pane's rows without a screen: for `snapshot`, JSON and details. */
export type PaneTable = {
  readonly id: PaneId;
  readonly title: string;
  readonly status: Status;
  /** The pane in one line. */
  readonly summary: Line;
  readonly columns: readonly Pick<Column<unknown>, 'id' | 'title' | 'align' | 'priority'>[];
  readonly rows: readonly {
    readonly key: string;
    /** As the screen shows them, in the order of the columns. */
    readonly texts: readonly string[];
    /** As JSON has them. */
    readonly values: Readonly<Record<string, Value>>;
  }[];
};

export type PaneProps = {
  readonly state: State;
  /** The digit that goes to it, which stands before its title. */
  readonly digit: string;
  readonly width: number;
  readonly height: number;
  readonly focused: boolean;
  /** Lies under a dialog. */
  readonly faint: boolean;
  readonly theme: Theme;
};

export type Pane = {
  readonly id: PaneId;
  readonly title: string;
  /** Names of its columns, as JSON has them. */
  readonly columnIds: readonly string[];
  readonly View: (props: PaneProps) => ReactElement;
  readonly table: (state: State) => PaneTable;
  /** Identities of the rows as they stand, filtered and ordered. */
  readonly keys: (state: State) => readonly string[];
  /** The columns that a pane of this width shows and that it can be ordered by. */
  readonly sorts: (state: State, width: number) => readonly {readonly id: string; readonly title: string}[];
  readonly copy: (state: State, key: string) => string | undefined;
  /** Every column of a row with all its digits; undefined when the row is gone. */
  readonly details: (state: State, key: string) => readonly (readonly [name: string, value: string])[] | undefined;
  readonly brief: (state: State) => Line;
};
