import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {UserError} from '../core/errors.ts';
import {didYouMean} from '../core/nearest.ts';
import {type DocTable, docTables, fillFiles} from '../docs.ts';
import {packageDir} from '../io/package-dir.ts';
import {CONFIG_FLAGS, type Command, defineCommand} from './shared/command.ts';

/** `tradetop docs`: fills the generated tables of the repository's Markdown files. `specsOf` gives every command's. */
export const docsCommand = (specsOf: () => Promise<readonly Command['spec'][]>): Command =>
  defineCommand({
    name: 'docs',
    summary: 'fills the generated tables of the documentation',
    args: '[TABLE]',
    words: [0, 1],
    hidden: true,
    details: 'TABLE is the name of one, as its marks have it: schema, keys, panes, … Without it all are filled.',
    flags: {check: {type: 'boolean', help: 'change nothing; exit 1 when a table is stale'}},
    run: async ({input, flags}) => {
      const dir = packageDir();
      const tables = chosen(docTables({commands: await specsOf(), flags: CONFIG_FLAGS}), input[0]);
      const stale = fillFiles(dir, tables).filter(f => f.after !== f.before);
      if (flags.check && stale.length > 0) {
        throw new UserError(`Stale tables in ${stale.map(f => f.file).join(', ')}.`, 'Run: npm run docs', 1);
      }
      for (const {file, after} of stale) writeFileSync(join(dir, file), after);
      return 0;
    },
  });

/** The table of that name alone; all without a name. Throws a UserError where there is none of that name. */
function chosen(
  tables: Readonly<Record<string, DocTable>>,
  name: string | undefined,
): Readonly<Record<string, DocTable>> {
  if (name === undefined) return tables;
  const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (table === undefined) {
    throw new UserError(`No table is named ${name}.`, didYouMean(name, Object.keys(tables)));
  }
  return {[name]: table};
}
