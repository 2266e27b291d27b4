import type {PaneId} from '../../../src/model/ui-state.ts';
import type {Status} from '../../lines/status.ts';
import type {Column, Value} from '../../lines/table.ts';
import type {Line} from '../../lines/theme.ts';

/** A pane's rows without a screen: for `snapshot`, JSON and details. */
export type PaneTable = {
  readonly id: PaneId;
  readonly title: string;
  readonly status: Status;
  /** The pane in one line. */
  readonly summary: Line;
  /** What else is wrong, a sentence each. */
  readonly remarks: readonly string[];
  /** Names of its columns, as JSON has them. */
  readonly fields: readonly string[];
  readonly columns: readonly Pick<Column<unknown>, 'id' | 'title' | 'align' | 'priority'>[];
  readonly rows: readonly {
    readonly key: string;
    /** As the screen shows them, in the order of the columns. */
    readonly texts: readonly string[];
    /** As JSON has them. */
    readonly values: Readonly<Record<string, Value>>;
  }[];
};

/** The rows of the database that a row of a pane has found: their values by column. */
export type Found = {
  readonly rows: readonly Readonly<Record<string, string | null>>[];
  /** There are more than these. */
  readonly more: boolean;
};
