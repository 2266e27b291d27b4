import {readFileSync, writeFileSync} from 'node:fs';
import {COMMANDS} from '../cli.ts';
import {UserError} from '../core/errors.ts';
import {fill, tablesOf} from '../docs.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop docs FILE`: fills the tables of the README from what the program goes by. */
export const docsCommand = defineCommand({
  name: 'docs',
  summary: 'fills the tables of a README',
  args: 'FILE',
  words: [1, 1],
  hidden: true,
  flags: {check: {type: 'boolean', help: 'change nothing; exit 1 when a table is stale'}},
  run: async ({input, flags}) => {
    const file = input[0] as string;
    const before = readFileSync(file, 'utf8');
    const after = await filled(before);
    if (flags.check && after !== before) throw new UserError(`${file} is stale.`, 'Run: npm run docs', 1);
    if (!flags.check) writeFileSync(file, after);
    return 0;
  },
});

/** A README's text with its tables as they should be. */
export async function filled(text: string): Promise<string> {
  const specs = await Promise.all(Object.values(COMMANDS).map(async load => (await load()).spec));
  return fill(text, tablesOf(specs));
}
