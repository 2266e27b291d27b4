import type {TextFile} from './files.ts';

/** Who uses a table: names of files below `sql/`. */
export type TableUse = {
  readonly table: string;
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  /** Checks of the set-up: that the table is there as it should be. */
  readonly structure: readonly string[];
  /** Checks of its rows. */
  readonly rows: readonly string[];
};

/** What neither writes nor reads for the desk: scripts and migrations, incidents of the demo, what asks for rights. */
const ASIDE = /^sql\/(?:0\d_|migrations\/|setup\/migrate|demo\/|doctor\/|verify\/)/;

/** The tables that a set-up script makes, and the statements below `sql/` that write, read and check each of them. */
export function tableUses(files: readonly TextFile[]): readonly TableUse[] {
  const sql = files
    .filter(({path}) => /^sql\/.*\.sql$/.test(path))
    .map(({path, text}) => ({path, text: text.replaceAll(/--.*$/gm, '')}));
  const script = sql.find(({path}) => path === 'sql/02_create_core_tables.sql')?.text ?? '';
  const named = [...script.matchAll(/have_table\('([\w.]+)'/g)].map(([, table = '']) => table);
  return named.map(table => {
    const matching = (before: string, where: (path: string) => boolean): readonly string[] => {
      const pattern = new RegExp(`${before}${table.replace('.', '\\.')}(?![\\w.])`, 'i');
      return sql.filter(({path, text}) => where(path) && pattern.test(text)).map(({path}) => path.replace('sql/', ''));
    };
    const checks = matching('', path => path.startsWith('sql/verify/'));
    return {
      table,
      writers: matching('(?:INSERT INTO|UPDATE|MERGE INTO)\\s+', path => !ASIDE.test(path)),
      // The simulated desk writes for others to read.
      readers: matching(
        '(?:(?<!DELETE )FROM|JOIN|,)\\s+(?:ONLY\\s+)?',
        path => !ASIDE.test(path) && !path.startsWith('sql/feed/'),
      ),
      structure: checks.filter(check => check.startsWith('verify/setup_')),
      rows: checks.filter(check => !check.startsWith('verify/setup_')),
    };
  });
}
