import {UserError} from '../../core/errors.ts';
import {dashed} from '../../core/name-case.ts';
import {didYouMean, unknownWord} from '../../core/nearest.ts';
import {sanitise} from '../../core/sanitise.ts';

type Flags = Readonly<Record<string, {readonly type: 'string' | 'number' | 'boolean'}>>;

/** `--read-only`, `--read-only=1` and `--no-read-only` as meow's names: `readOnly`. Undefined: no flag. */
function flagName(word: string): string | undefined {
  const name = /^--(?:no-)?([^=]+)/.exec(word)?.[1];
  return name?.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const takesNext = (word: string, flags: Flags): boolean => {
  const type = flags[flagName(word) ?? '']?.type;
  return !word.includes('=') && (type === 'string' || type === 'number');
};

/**
 * Words that begin with flags, with the command first: `--config FILE doctor` as `doctor --config FILE`. `flags` are those
 * of all commands, since it is the command that says which of them are right. Unchanged where no word is a command.
 */
export function commandFirst(argv: readonly string[], flags: Flags): readonly string[] {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') return argv;
    if (!word.startsWith('-')) return [word, ...argv.slice(0, i), ...argv.slice(i + 1)];
    if (takesNext(word, flags)) i += 1;
  }
  return argv;
}

/** The refusal of a command that is not there, with the one that was probably meant. */
export const unknownCommand = (
  word: string,
  specs: readonly {readonly name: string; readonly hidden?: boolean}[],
): UserError => {
  const names = specs.filter(spec => !spec.hidden).map(spec => spec.name);
  return unknownWord('command', word, names, `Commands: ${names.join(', ')}. See tradetop --help.`);
};

/** Throws where a word before `--` is a flag that the command does not have. */
export function refuseUnknownFlags(command: string, argv: readonly string[], flags: Flags): void {
  const end = argv.indexOf('--');
  const known = [...Object.keys(flags), 'help', 'version'];
  for (const word of end < 0 ? argv : argv.slice(0, end)) {
    // -5 is a number.
    if (!/^-(?!\d|\.\d)./.test(word) || known.includes(flagName(word) ?? '')) continue;
    const shown = sanitise(word.replace(/=.*$/s, ''), 60);
    const names = known.map(name => `--${dashed(name)}`);
    throw new UserError(
      `tradetop ${command} has no flag ${shown}.`,
      didYouMean(shown.replace(/^-+(?:no-)?/, '--'), names, `See tradetop ${command} --help.`),
    );
  }
}
