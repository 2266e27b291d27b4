import meow from 'meow';
import type {Config, ConfigFlags} from '../../config/config.ts';
import {UserError} from '../../core/errors.ts';
import {dashed} from '../../core/name-case.ts';
import {refuseUnknownFlags} from './arguments.ts';
import {packageJson} from './start.ts';

/** One flag, for the help, the documentation and the parser. Names are in camelCase, as meow gives them. */
export type FlagSpec = {
  readonly type: 'string' | 'number' | 'boolean';
  readonly help: string;
  /** The name of its value in the help: `N`, `DIR`. */
  readonly value?: string;
};

type Values<F extends Readonly<Record<string, FlagSpec>>> = {
  readonly [K in keyof F]?: F[K]['type'] extends 'number' ? number : F[K]['type'] extends 'boolean' ? boolean : string;
};

type Call<F extends Readonly<Record<string, FlagSpec>>> = {
  /** The words after the command's name, without flags. */
  readonly input: readonly string[];
  readonly flags: Values<F>;
  /** Reads the configuration. Throws a UserError that says what to set. */
  readonly config: () => Config;
};

export type CommandSpec<F extends Readonly<Record<string, FlagSpec>>> = {
  readonly name: string;
  /** Its line in the list of commands. */
  readonly summary: string;
  /** What may follow the name: `ACTION [TARGET]`. */
  readonly args?: string;
  /** Further paragraphs of the help. */
  readonly details?: string;
  readonly flags: F;
  /** The fewest and the most words after the name; default: none. */
  readonly words?: readonly [min: number, max: number];
  /** Left out of the help, since only the program or its developers use it. */
  readonly hidden?: boolean;
  /** Gives the exit code. */
  readonly run: (call: Call<F>) => Promise<number>;
};

export type Command = {
  readonly spec: CommandSpec<Readonly<Record<string, FlagSpec>>>;
  readonly run: (argv: readonly string[]) => Promise<number>;
};

/** The flags of every command, since every command needs the servers. */
export const CONFIG_FLAGS = {
  profile: {type: 'string', value: 'NAME', help: 'a profile of the config file'},
  config: {type: 'string', value: 'FILE', help: 'the config file (default $XDG_CONFIG_HOME/tradetop/config.json)'},
  envFile: {type: 'string', value: 'FILE', help: 'read variables from a .env file'},
  environment: {type: 'string', value: 'NAME', help: 'demo, dev, paper or prod'},
  readOnly: {type: 'boolean', help: 'refuse every action on a server (default in prod)'},
  host: {type: 'string', value: 'HOST', help: 'PostgreSQL host or socket directory'},
  port: {type: 'number', value: 'N', help: 'PostgreSQL port'},
  database: {type: 'string', value: 'NAME', help: 'trading database'},
  user: {type: 'string', value: 'NAME', help: 'PostgreSQL user; passwords only by environment or ~/.pgpass'},
  redisUrl: {type: 'string', value: 'URL', help: 'Redis address, without a password'},
  slowMs: {type: 'number', value: 'N', help: 'a query is slow from this duration on, in milliseconds (1000)'},
  refreshMs: {type: 'number', value: 'N', help: 'time between two polls, in milliseconds (2000)'},
  ascii: {type: 'boolean', help: 'ASCII glyphs only'},
  logFile: {type: 'string', value: 'FILE', help: 'the file to log to'},
} as const satisfies Readonly<Record<string, FlagSpec>>;

/** Makes a command of its spec: parses and checks flags and words, prints the help, and calls `run`. */
export function defineCommand<const F extends Readonly<Record<string, FlagSpec>>>(spec: CommandSpec<F>): Command {
  const all: Readonly<Record<string, FlagSpec>> = {...spec.flags, ...CONFIG_FLAGS};
  return {
    spec: spec as unknown as Command['spec'],
    run: async given => {
      const argv = given.map((word, i) => (word === '-h' && !given.slice(0, i).includes('--') ? '--help' : word));
      if (argv.some(a => /^--?(?:\w+-)*password\b/i.test(a))) {
        throw new UserError(
          'A password on the command line can be read by everyone on this machine.',
          'Set TRADING_DB_PASSWORD, or use ~/.pgpass.',
        );
      }
      refuseUnknownFlags(spec.name, argv, all);
      const {input, flags} = meow(helpOf(spec as unknown as Command['spec']), {
        importMeta: import.meta,
        argv: [...argv],
        pkg: packageJson() as never,
        description: false,
        allowUnknownFlags: false,
        flags: Object.fromEntries(Object.entries(all).map(([name, {type}]) => [name, {type}])) as never,
      });
      const [min, max] = spec.words ?? [0, 0];
      if (input.length < min || input.length > max) {
        throw new UserError(
          `tradetop ${spec.name} takes ${spec.args ?? 'no words'}.`,
          `See tradetop ${spec.name} --help.`,
        );
      }
      // meow gives false for a boolean flag that is absent; only one that is present may override the environment.
      const named = (name: string) => argv.some(a => new RegExp(`^--(?:no-)?${dashed(name)}(?:=|$)`).test(a));
      const values = Object.fromEntries(
        Object.entries(flags as Record<string, unknown>).filter(([name]) => named(name)),
      );
      for (const [name, value] of Object.entries(values)) {
        if (all[name]?.type === 'number' && !Number.isFinite(value))
          throw new UserError(`--${dashed(name)} needs a number.`);
        if (all[name]?.type === 'string' && value === '') throw new UserError(`--${dashed(name)} needs a value.`);
      }
      // Loaded only here: a help text needs no configuration.
      const {loadConfig} = await import('../../config/config.ts');
      return spec.run({input, flags: values as Values<F>, config: () => loadConfig(values as ConfigFlags)});
    },
  };
}

/** The help text of a command, from the same data as the documentation's tables. */
function helpOf(spec: Command['spec']): string {
  const line = ([name, flag]: readonly [string, FlagSpec]) =>
    `  ${`--${dashed(name)}${flag.value ? ` ${flag.value}` : ''}`.padEnd(24)} ${flag.help}`;
  const own = Object.entries(spec.flags);
  return [
    `${spec.summary}`,
    '',
    `Usage: tradetop ${spec.name}${spec.args ? ` ${spec.args}` : ''} [flags]`,
    ...(spec.details ? ['', spec.details] : []),
    ...(own.length > 0 ? ['', 'Flags', ...own.map(line)] : []),
    '',
    'Servers',
    ...Object.entries(CONFIG_FLAGS).map(line),
  ].join('\n');
}
