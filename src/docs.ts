import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {limitText} from './alerts/limits.ts';
import {SYSTEM_KEYS} from './config/system-keys.ts';
import {ALL_VARIABLES} from './config/variables.ts';
import {age} from './core/format.ts';
import {dashed} from './core/name-case.ts';
import {type Context, EVERYWHERE} from './input/binding.ts';
import {BINDINGS, type Binding} from './input/bindings.ts';
import {keyLabel} from './input/keys.ts';
import {loadSql} from './io/sql.ts';
import {VIEWS} from './model/views.ts';
import {REGISTRY} from './registry.ts';
import {JOBS} from './schedule/jobs.ts';
import {describedSchema} from './setup/described-schema.ts';
import {CHECK_WINDOW_HOURS, type Check} from './verify/check.ts';
import {readChecks} from './verify/read-checks.ts';

type Row = readonly string[];

type DocFlag = {readonly help: string; readonly value?: string};

/** What the tables need of the commands and of the flags that all of them take. */
type Documented = {
  readonly commands: readonly {
    readonly name: string;
    readonly summary: string;
    readonly args?: string;
    readonly hidden?: boolean;
  }[];
  readonly flags: Readonly<Record<string, DocFlag>>;
};

/** A table of the documentation: the file that has its marks, relative to the repository, and its Markdown. */
export type DocTable = {readonly file: string; readonly text: string};

const checkCells = ({id, title, severity, everySeconds, windowed, why, remedy, rights}: Check): readonly string[] => [
  code(id),
  title,
  severity,
  age(everySeconds),
  windowed ? `${CHECK_WINDOW_HOURS} h` : 'all',
  why,
  remedy,
  rights,
];

/** Every generated table by its name, made from the lists that the program itself obeys. */
export function docTables({commands, flags}: Documented): Readonly<Record<string, DocTable>> {
  return {
    keys: table(
      'README.md',
      ['keys', 'do', 'in'],
      BINDINGS.map(b => [keysOf(b).map(code).join(' '), b.help, contextsOf(b)]),
    ),
    panes: table(
      'README.md',
      ['pane', 'in `snapshot --json`', 'view and key'],
      REGISTRY.panes.map(p => [p.title, code(p.id), placesOf(p.id)]),
    ),
    columns: table(
      'components/panes/README.md',
      ['pane', 'columns'],
      REGISTRY.panes.map(p => [code(p.id), p.columnIds.join(', ')]),
    ),
    commands: table(
      'README.md',
      ['command', 'does'],
      commands.filter(c => !c.hidden).map(c => [code(`tradetop ${c.name}${c.args ? ` ${c.args}` : ''}`), c.summary]),
    ),
    flags: table('README.md', ['flag', 'means'], Object.entries(flags).map(flagRow)),
    variables: table(
      'README.md',
      ['variable', 'does', 'default'],
      ALL_VARIABLES.map(v => [
        v.names.map(code).join(', '),
        v.does,
        v.default === undefined ? (v.otherwise ?? '') : code(v.default),
      ]),
    ),
    schema: {file: 'sql/README.md', text: schemaText()},
    settings: table(
      'README.md',
      ['setting', 'is', 'without it'],
      Object.entries(SYSTEM_KEYS).map(([key, s]) => [
        code(key),
        s.does,
        s.default === undefined ? (s.otherwise ?? '') : code(s.default),
      ]),
    ),
    ...registeredTables(),
  };
}

/** The trading database as the set-up script describes it: a heading and a table for each of its tables, then types and functions. */
function schemaText(): string {
  const {tables, enums, functions} = describedSchema(
    readFileSync(join(loadSql().dir, '02_create_core_tables.sql'), 'utf8'),
  );
  const parts = tables.map(({name, about, columns}) => [
    `### ${name}`,
    about,
    markdown(
      ['column', 'type', 'means'],
      columns.map(c => [code(c.name), code(c.definition), c.about]),
    ),
  ]);
  const types = enums.map(({name, about, labels}) => [code(name), labels.map(code).join(', '), about]);
  const rows = functions.map(({name, about}) => [code(name), about]);
  return [
    ...parts,
    ['### Types', markdown(['type', 'values', 'means'], types)],
    ['### Functions', markdown(['function', 'does'], rows)],
  ]
    .flat()
    .join('\n\n');
}

/** The tables of what features register by a line in their folders' indexes. */
const registeredTables = (): Readonly<Record<string, DocTable>> => ({
  actions: table(
    'README.md',
    ['action', 'key', 'does', 'takes'],
    REGISTRY.actions.map(a => [code(a.id), a.key === '' ? '' : code(a.key), a.help, a.targets.join(', ')]),
  ),
  schedule: table(
    'README.md',
    ['job', 'does', 'due (UTC)', 'window', 'at most', 'market'],
    JOBS.map(({id, does, cron, windowMinutes, limitMinutes, market}) => [
      code(id),
      does,
      code(cron),
      age(windowMinutes * 60),
      age(limitMinutes * 60),
      market,
    ]),
  ),
  checks: table(
    'src/verify/README.md',
    ['check', 'says', 'when not', 'every', 'looks at', 'why', 'what to do', 'rights'],
    readChecks(loadSql()).map(checkCells),
  ),
  alerts: table(
    'src/alerts/README.md',
    ['alert', 'when', 'by default', 'for', 'what to do'],
    REGISTRY.alerts.map(rule => [code(rule.id), rule.when, limitText(rule.limits), rule.owner, rule.todo]),
  ),
  incidents: table(
    'README.md',
    ['incident', 'what happens', 'alerts', 'what ends it from the keys'],
    REGISTRY.incidents.map(i => [code(i.name), i.does, i.alerts.map(code).join(', '), i.endedBy]),
  ),
  channels: table(
    'README.md',
    ['channel', 'type'],
    REGISTRY.kinds.map(k => [code(k.channel), code(k.type)]),
  ),
});

/** A file of the documentation as it is and as it should be. */
export type DocFile = {readonly file: string; readonly before: string; readonly after: string};

/** Fills the tables of every file under `dir`, the repository. Writes nothing; throws where a file lacks a table's marks. */
export function fillFiles(dir: string, tables: Readonly<Record<string, DocTable>>): readonly DocFile[] {
  const files = [...new Set(Object.values(tables).map(t => t.file))];
  return files.map(file => {
    const before = readFileSync(join(dir, file), 'utf8');
    const own = Object.entries(tables).filter(([, t]) => t.file === file);
    return {file, before, after: fill(before, Object.fromEntries(own.map(([name, t]) => [name, t.text])))};
  });
}

/**
 * Puts each table between its marks, `<!-- docs:NAME -->` and `<!-- /docs:NAME -->`. Throws when a mark is missing.
 * @internal
 */
export function fill(text: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((filled, [name, table]) => {
    const section = new RegExp(`(<!-- docs:${name} -->\\n)[\\s\\S]*?(<!-- /docs:${name} -->)`);
    if (!section.test(filled)) throw new Error(`no section docs:${name}`);
    return filled.replace(section, (_whole, begin: string, end: string) => `${begin}${table}\n${end}`);
  }, text);
}

/** The README's names for the contexts of keys. */
const CONTEXT_NAMES: Readonly<Record<Context, string>> = {
  panes: 'panes',
  filter: 'filter',
  chooser: 'targets',
  palette: 'commands',
  form: 'form',
  act: 'action',
  help: 'help',
  details: 'details',
  history: 'history',
  checks: 'report',
  rejects: 'rejects',
  reject: 'message',
  explain: 'plan',
  waits: 'waits',
  report: 'hand-over',
  trace: 'trace',
  position: 'position’s trades',
};

const contextsOf = ({in: contexts}: Binding): string =>
  contexts.length === EVERYWHERE.length ? 'everywhere' : contexts.map(context => CONTEXT_NAMES[context]).join(', ');

/** The keys of a binding by their names. */
const keysOf = ({keys}: Binding): readonly string[] => keys.map(key => keyLabel(key));

/** The views that have a pane, each with the digit that goes to it there. */
function placesOf(id: string): string {
  const registered = REGISTRY.panes.map(pane => pane.id);
  return VIEWS.map(({name, panes}) => ({name, place: panes.filter(p => registered.includes(p)).indexOf(id) + 1}))
    .filter(({place}) => place > 0)
    .map(({name, place}) => `${name} ${code(String(place))}`)
    .join(', ');
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const flagRow = ([name, flag]: readonly [string, DocFlag]): Row => [
  code(`--${dashed(name)}${flag.value ? ` ${flag.value}` : ''}`),
  flag.help,
];
const line = (cells: Row): string =>
  `| ${cells.map(cell => cell.replaceAll(/(?<!\\)\|(?![^`]*`)/g, '\\|')).join(' | ')} |`;
const markdown = (head: Row, rows: readonly Row[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const table = (file: string, head: Row, rows: readonly Row[]): DocTable => ({file, text: markdown(head, rows)});
