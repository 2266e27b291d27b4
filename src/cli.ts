import {readFileSync, realpathSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {allFlags, COMMANDS, commandSpecs} from './commands/index.ts';
import type {Command} from './commands/shared/command.ts';
import {unblockStreams} from './commands/shared/standard-streams.ts';
import {keepCompiled, packageJson} from './commands/shared/start.ts';
import {failureOf, UserError} from './core/errors.ts';

/** Runs the command and turns every ending into an exit code: 0 good, 1 not well, 2 usage or could not run, 70 a bug. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    refuseOldNode(process.versions.node);
    const [first = 'watch', ...rest] = argv;
    if (first === '--version') return print(`${packageJson().version}\n`);
    if (/^(?:--help|-h|help)$/.test(first)) {
      const about = rest.find(word => !word.startsWith('-'));
      return about === undefined ? print(await help()) : await (await commandOf(about)).run(['--help']);
    }
    if (!first.startsWith('-')) return await (await commandOf(first)).run(rest);
    return await runFlagsFirst(argv);
  } catch (error) {
    return await say(error);
  }
}

/** Runs the command whose name comes after flags; without a name `watch`, for which no other command is loaded. */
async function runFlagsFirst(argv: readonly string[]): Promise<number> {
  const {commandFirst} = await import('./commands/shared/arguments.ts');
  const {CONFIG_FLAGS} = await import('./commands/shared/command.ts');
  const watch = await commandOf('watch');
  if (commandFirst(argv, {...watch.spec.flags, ...CONFIG_FLAGS}) === argv) return watch.run(argv);
  const [name = '', ...words] = commandFirst(argv, {...(await allFlags()), ...CONFIG_FLAGS});
  return name.startsWith('-') ? watch.run(argv) : (await commandOf(name)).run(words);
}

/** The command of that name. Throws a UserError where there is none. */
async function commandOf(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load) return load();
  const {unknownCommand} = await import('./commands/shared/arguments.ts');
  throw unknownCommand(name, await commandSpecs());
}

/** Prints an error to stderr: a UserError in two lines, a bug with its stack. Gives the exit code. */
async function say(error: unknown): Promise<number> {
  const {sanitise} = await import('./core/sanitise.ts');
  if (error instanceof UserError) {
    process.stderr.write(`tradetop: ${sanitise(error.message)}\n${error.next ? `  ${sanitise(error.next)}\n` : ''}`);
    return error.exitCode;
  }
  const {fullDisk, message, next} = failureOf(error);
  if (fullDisk === true) return await say(new UserError(`PostgreSQL cannot write: ${message}.`, next));
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `tradetop: a bug:\n${stack
      .split('\n')
      .map(line => sanitise(line))
      .join('\n')}\n`,
  );
  return 70;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** The list of commands: as the build wrote it beside the program, else from the commands themselves. */
async function help(): Promise<string> {
  try {
    return readFileSync(new URL('help.txt', import.meta.url), 'utf8');
  } catch {
    return await helpText();
  }
}

async function helpText(): Promise<string> {
  const lines = (await commandSpecs())
    .filter(c => !c.hidden)
    .map(c => `  ${`${c.name}${c.args ? ` ${c.args}` : ''}`.padEnd(28)} ${c.summary}`);
  return [
    'top for a trading desk’s data layer.',
    '',
    'Usage: tradetop [COMMAND] [flags]      without a command: watch',
    '',
    ...lines,
    '',
    'tradetop COMMAND --help lists a command’s flags. Exit codes: 0 good, 1 not well, 2 usage or could not run, 70 a bug.',
    '',
  ].join('\n');
}

function refuseOldNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw new UserError(
    `Node ${version} is too old: tradetop needs 22.12 or newer.`,
    'In the repository, npm start runs on its own Node 24.',
  );
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  // An empty variable is unset, as in libpq, whichever part of the program reads it.
  for (const name of Object.keys(process.env)) if (process.env[name] === '') delete process.env[name];
  // A closed pipe (`tradetop snapshot | head`) is a reader that has seen enough, and not an error.
  process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 70));
  keepCompiled();
  const written = unblockStreams();
  process.exitCode = await main(process.argv.slice(2));
  await written();
  // What a bug has left open is not to keep the program alive.
  if (process.exitCode === 70) process.exit();
}
