import {describe, expect, it} from 'vitest';
import {commandFirst, refuseUnknownFlags, unknownCommand} from '../../src/commands/shared/arguments.ts';
import {CONFIG_FLAGS} from '../../src/commands/shared/command.ts';
import type {UserError} from '../../src/core/errors.ts';

const FLAGS = {...CONFIG_FLAGS, json: {type: 'boolean'}, only: {type: 'string'}} as const;

describe('flags before the command', () => {
  it.each([
    ['--config FILE doctor --json', 'doctor --config FILE --json'],
    ['--config=FILE --json doctor', 'doctor --config=FILE --json'],
    ['--only setup verify', 'verify --only setup'],
    ['--no-read-only --port 1 maintain analyze', 'maintain --no-read-only --port 1 analyze'],
    ['--nope wathc', 'wathc --nope'],
    ['--host db.example --ascii', '--host db.example --ascii'],
    ['--ascii -- doctor', '--ascii -- doctor'],
  ])('%s', (given, expected) => {
    expect(commandFirst(given.split(' '), FLAGS).join(' ')).toBe(expected);
  });
});

describe('a flag that the command does not have', () => {
  const refused = (words: string): string | undefined => {
    try {
      refuseUnknownFlags('snapshot', words.split(' '), FLAGS);
      return undefined;
    } catch (error) {
      const {message, next} = error as UserError;
      return `${message} ${next}`;
    }
  };
  it.each([
    ['--jsn', 'tradetop snapshot has no flag --jsn. Did you mean --json?'],
    ['--no-asci', 'tradetop snapshot has no flag --no-asci. Did you mean --ascii?'],
    ['--envfile=secret', 'tradetop snapshot has no flag --envfile. Did you mean --env-file?'],
    ['--zebra', 'tradetop snapshot has no flag --zebra. See tradetop snapshot --help.'],
    ['-x', 'tradetop snapshot has no flag -x. See tradetop snapshot --help.'],
  ])('%s', (words, sentence) => {
    expect(refused(words)).toBe(sentence);
  });

  it.each(['--json', '--no-json', '--env-file FILE', '--help', '--version', '-5', '-.5', '-', '-- --nope'])(
    'is not %s',
    words => {
      expect(refused(words)).toBeUndefined();
    },
  );
});

describe('a command that is not there', () => {
  const specs = [{name: 'watch'}, {name: 'sync'}, {name: 'keeper', hidden: true}].map(spec => ({
    ...spec,
    summary: '',
    flags: {},
    run: async () => 0,
  }));
  it.each([
    ['wathc', 'Did you mean watch?'],
    ['keepr', 'Commands: watch, sync. See tradetop --help.'],
  ])('%s', (word, next) => {
    expect(unknownCommand(word, specs)).toMatchObject({message: `There is no command ${word}.`, next});
  });
});
