import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {UserError} from '../core/errors.ts';
import {docTables, fillFiles} from '../docs.ts';
import {packageDir} from '../io/package-dir.ts';
import {CONFIG_FLAGS, type Command, defineCommand} from './shared/command.ts';

/** `tradetop docs`: fills the generated tables of the repository's Markdown files. `specsOf` gives every command's. */
export const docsCommand = (specsOf: () => Promise<readonly Command['spec'][]>): Command =>
  defineCommand({
    name: 'docs',
    summary: 'fills the generated tables of the documentation',
    hidden: true,
    flags: {check: {type: 'boolean', help: 'change nothing; exit 1 when a table is stale'}},
    run: async ({flags}) => {
      const dir = packageDir();
      const stale = fillFiles(dir, docTables({commands: await specsOf(), flags: CONFIG_FLAGS})).filter(
        f => f.after !== f.before,
      );
      if (flags.check && stale.length > 0) {
        throw new UserError(`Stale tables in ${stale.map(f => f.file).join(', ')}.`, 'Run: npm run docs', 1);
      }
      for (const {file, after} of stale) writeFileSync(join(dir, file), after);
      return 0;
    },
  });
