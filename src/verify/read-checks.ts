import {z} from 'zod';
import type {SqlLibrary} from '../io/sql.ts';
import {CHECK_GROUPS, type Check} from './check.ts';

/**
 * Every check: the files under sql/verify, whose head comments say what README.md in this folder describes. They come in
 * the order in which they run: by group, then by their heads' `order`, then by id. Throws an Error that names the file
 * where a head is malformed.
 */
export function readChecks(sql: SqlLibrary): readonly Check[] {
  return sql
    .names()
    .filter(name => name.startsWith(FOLDER))
    .map(name => {
      const {every: everySeconds, ...head} = readCheck(name.slice(FOLDER.length), sql.head(name));
      return {...head, everySeconds, windowed: sql.statement(name).includes('$1')};
    })
    .sort((a, b) => rank(a) - rank(b) || a.order - b.order || (a.id < b.id ? -1 : 1))
    .map(({order, ...check}) => check);
}

const FOLDER = 'verify/';

const rank = ({group}: Check): number => CHECK_GROUPS.indexOf(group);

const EVERY_SECONDS = {'20 seconds': 20, minute: 60, '15 minutes': 900} as const;

const text = z.string().min(1);
const schema = z.strictObject({
  id: text,
  group: z.enum(CHECK_GROUPS),
  title: text,
  order: z.string().regex(/^\d+$/).transform(Number),
  severity: z.enum(['fail', 'warn']),
  every: z.enum(['20 seconds', 'minute', '15 minutes']).transform(every => EVERY_SECONDS[every]),
  why: text,
  remedy: text,
  rights: text,
});

function readCheck(id: string, head: readonly string[]): z.output<typeof schema> {
  try {
    return schema.parse({id, group: id.split('_')[0], ...fieldsOf(head)});
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`sql/${FOLDER}${id}.sql: malformed head comment: ${why}`);
  }
}

/** The title, then `name: text` with lines that go on indented, up to the first empty line. */
function fieldsOf([title = '', ...lines]: readonly string[]): Readonly<Record<string, string>> {
  if (!title.endsWith('.')) throw new Error('its first line is not a sentence');
  const fields = new Map([['title', title.slice(0, -1)]]);
  let last = '';
  for (const line of lines) {
    if (line === '') break;
    const [, name, value] = /^([a-z]+): (.+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      if (fields.has(name)) throw new Error(`${name} occurs twice`);
      fields.set(name, value);
      last = name;
    } else if (last !== '' && line.startsWith('  ')) {
      fields.set(last, `${fields.get(last)} ${line.trim()}`);
    } else {
      throw new Error(`cannot read ${JSON.stringify(line)}`);
    }
  }
  return Object.fromEntries(fields);
}
