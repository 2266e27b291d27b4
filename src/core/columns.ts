type Value = string | number | null;

/** Turns rows into one array a column, for a statement that unnests its parameters. */
export const columnsOf = <Row>(
  rows: readonly Row[],
  readers: readonly ((row: Row) => Value)[],
): readonly (readonly Value[])[] => readers.map(read => rows.map(read));
