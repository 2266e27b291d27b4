import type {ReactElement} from 'react';
import {Lines} from './Lines.tsx';
import {type TableView, tableLines} from './table-lines.ts';
import type {Theme} from './theme.ts';

type TableProps<Row> = TableView<Row> & {readonly theme: Theme};

/** The body of a table: a heading and the rows that fit into `height` lines. Nothing is drawn where there are no rows. */
export function Table<Row>({theme, ...view}: TableProps<Row>): ReactElement | null {
  if (view.rows.length === 0) return null;
  return <Lines lines={tableLines(view)} width={view.width} theme={theme} />;
}
