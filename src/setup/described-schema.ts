/** Something of the trading database by its name, and its comment. */
type Described = {readonly name: string; readonly about: string};

/** A table or view as the set-up script describes it. */
type DescribedTable = Described & {
  /** In the order of the script; `definition` is what follows the name: `VARCHAR(20) NOT NULL`. */
  readonly columns: readonly (Described & {readonly definition: string})[];
};

/** What the set-up script creates in the trading database, with the comments that it gives. */
export type DescribedSchema = {
  readonly tables: readonly DescribedTable[];
  /** Enumerations; `labels` in their order. */
  readonly enums: readonly (Described & {readonly labels: readonly string[]})[];
  /** `shared.partitions(regclass)`. */
  readonly functions: readonly Described[];
};

const TEXT = `'((?:[^']|'')*)'`;
const TABLE = new RegExp(String.raw`^CALL pg_temp\.have_table\('([\w.]+)',\s*${TEXT},\s*\$\$\n([\s\S]*?)\n\$\$`, 'gm');
const ENUM = new RegExp(String.raw`^CALL pg_temp\.have_enum\('([\w.]+)',\s*${TEXT},\s*([^;]+)\);`, 'gm');
const FUNCTION = new RegExp(String.raw`^COMMENT ON FUNCTION ([\w.]+\([^)]*\))\s+IS\s+${TEXT};`, 'gm');
const VIEW = new RegExp(String.raw`^\s*COMMENT ON VIEW ([\w.]+)\s+IS\s+${TEXT};`, 'gm');
const VIEW_COLUMN = new RegExp(String.raw`^\s*COMMENT ON COLUMN ([\w.]+)\.(\w+)\s+IS\s+${TEXT};`, 'gm');

/**
 * Reads what the text of `sql/02_create_core_tables.sql` says of the schema, as its procedures have_table and have_enum
 * read it. A test compares the result with the catalogue of a database that was set up.
 */
export function describedSchema(script: string): DescribedSchema {
  const columns = matches(VIEW_COLUMN, script).map(([view, name, about]) => ({view, name, about, definition: 'TEXT'}));
  const views = matches(VIEW, script).map(([name, about]) => ({
    name,
    about,
    columns: columns.filter(({view}) => view === name).map(({view: _, ...column}) => column),
  }));
  return {
    tables: [
      ...matches(TABLE, script).map(([name, about, body]) => ({name, about, columns: columnsOf(body)})),
      ...views,
    ],
    enums: matches(ENUM, script).map(([name, about, labels]) => ({name, about, labels: labels.match(/\w+/g) ?? []})),
    functions: matches(FUNCTION, script).map(([name, about]) => ({name, about})),
  };
}

/** The groups of every match, with doubled quotes single. */
const matches = (pattern: RegExp, text: string) =>
  [...text.matchAll(pattern)].map(
    m => m.slice(1).map(group => group.replaceAll("''", "'")) as [string, string, string],
  );

/** The columns of a table's body: one a line, its comment after two dashes; a line indented by eight continues the last. */
const columnsOf = (body: string): DescribedTable['columns'] =>
  body
    .replace(/\n {8,}/g, ' ')
    .split('\n')
    .flatMap(line => {
      const [, name, definition, about = ''] = /^\s*(\w+)\s+(.*?),?\s*(?:\s--\s+(.*))?$/.exec(line) ?? [];
      return name === undefined || definition === undefined || name === 'CONSTRAINT' ? [] : [{name, definition, about}];
    });
