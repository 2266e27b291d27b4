import type {Micros} from '../../../src/core/time.ts';
import type {Move} from '../../lines/moved.ts';
import {recordedOf} from './figures.ts';
import type {PaneDef} from './pane.ts';

/** How the numbers of a pane's rows have moved between its last two readings. */
export type Moves = {
  /** The time of the last one. */
  readonly at: Micros | undefined;
  readonly numbers: ReadonlyMap<string, number>;
  readonly moved: ReadonlyMap<string, Move>;
};

const idOf = (key: string, column: string): string => `${column}\u0000${key}`;

/** The moves after a reading at `at`; the same ones where it is still that reading. What grows with time alone does not count. */
export function movesOf<Row>(
  before: Moves | undefined,
  at: Micros | undefined,
  def: Pick<PaneDef<never, Row>, 'columns' | 'rowKey' | 'fleeting'>,
  rows: readonly Row[],
): Moves {
  if (before !== undefined && before.at === at) return before;
  const columns = def.columns.filter(({grows}) => grows !== true);
  const numbers = new Map(
    recordedOf({...def, columns}, rows, {}).map(({key, column, value}) => [idOf(key, column), value] as const),
  );
  const moved = new Map<string, Move>();
  for (const [id, now] of numbers) {
    const then = before?.numbers.get(id);
    if (then !== undefined && then !== now) moved.set(id, now > then ? 'up' : 'down');
  }
  return {at, numbers, moved};
}

/** How a number of a row has moved. */
export const moveOf = ({moved}: Moves, key: string, column: string): Move | undefined => moved.get(idOf(key, column));
