import type {CommandSpec} from './commands/shared/command.ts';
import {CONFIG_FLAGS, dashed, type FlagSpec} from './commands/shared/command.ts';
import {type Context, EVERYWHERE} from './input/binding.ts';
import {BINDINGS, type Binding} from './input/bindings.ts';
import {keyLabel} from './input/keys.ts';
import {REGISTRY} from './registry.ts';

type Row = readonly string[];

/** The README's tables by their names, made from the lists that the program itself obeys. */
export function tablesOf(
  commands: readonly CommandSpec<Readonly<Record<string, FlagSpec>>>[],
): Readonly<Record<string, string>> {
  return {
    keys: markdown(
      ['keys', 'do', 'in'],
      BINDINGS.map(b => [keysOf(b).map(code).join(' '), b.help, contextsOf(b)]),
    ),
    panes: markdown(
      ['key', 'pane', 'in `snapshot --json`', 'columns'],
      REGISTRY.panes.map(p => [code(p.key), p.title, code(p.id), p.columnIds.join(', ')]),
    ),
    commands: markdown(
      ['command', 'does'],
      commands.filter(c => !c.hidden).map(c => [code(`tradetop ${c.name}${c.args ? ` ${c.args}` : ''}`), c.summary]),
    ),
    flags: markdown(['flag', 'means'], Object.entries(CONFIG_FLAGS).map(flagRow)),
    actions: markdown(
      ['action', 'key', 'does', 'takes'],
      [...REGISTRY.actions, ...REGISTRY.edits].map(a => [
        code(a.id),
        a.key === '' ? '' : code(a.key),
        a.help,
        a.targets.join(', '),
      ]),
    ),
    checks: markdown(
      ['check', 'group', 'says', 'when not'],
      REGISTRY.checks.map(c => [code(c.id), c.group, c.title, c.severity]),
    ),
    channels: markdown(
      ['channel', 'type'],
      REGISTRY.kinds.map(k => [code(k.channel), code(k.type)]),
    ),
  };
}

/**
 * Puts each table between its two comments, `<!-- docs:NAME -->` and `<!-- /docs:NAME -->`. Throws when they are
 * missing.
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
  act: 'action',
  help: 'help',
  details: 'details',
  checks: 'report',
  rejects: 'rejects',
  reject: 'message',
};

const contextsOf = ({in: contexts}: Binding): string =>
  contexts.length === EVERYWHERE.length ? 'everywhere' : contexts.map(context => CONTEXT_NAMES[context]).join(', ');

/** The keys of a binding by their names; of the digits, those that have a pane. */
const keysOf = ({id, keys}: Binding): readonly string[] =>
  keys.filter(key => id !== 'pane' || REGISTRY.panes.some(pane => pane.key === key)).map(key => keyLabel(key));

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const flagRow = ([name, flag]: readonly [string, FlagSpec]): Row => [
  code(`--${dashed(name)}${flag.value ? ` ${flag.value}` : ''}`),
  flag.help,
];
const line = (cells: Row): string =>
  `| ${cells.map(cell => cell.replaceAll(/(?<!\\)\|(?![^`]*`)/g, '\\|')).join(' | ')} |`;
const markdown = (head: Row, rows: readonly Row[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
