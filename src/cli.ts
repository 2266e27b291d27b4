import {realpathSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {UserError} from './core/errors.ts';
import {sanitise} from './core/sanitise.ts';

type Command = {readonly run: (argv: readonly string[]) => Promise<number>};

/** Every sub-command, imported only when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {};

/** Finds the command, runs it, and turns every ending into an exit code: 0 good, 1 not well, 2 usage or could not run, 70 a bug. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    refuseOldNode(process.versions.node);
    const [first = 'watch'] = argv;
    const named = !first.startsWith('-');
    const load = COMMANDS[named ? first : 'watch'];
    if (!load) {
      throw new UserError(
        `There is no command ${sanitise(first)}.`,
        `Commands: ${Object.keys(COMMANDS).join(', ')}. See tradetop --help.`,
      );
    }
    return await (await load()).run(named ? argv.slice(1) : argv);
  } catch (error) {
    if (!(error instanceof UserError)) {
      process.stderr.write(
        `tradetop: a bug: ${sanitise((error as Error)?.stack ?? String(error)).replaceAll('    at ', '\n    at ')}\n`,
      );
      return 70;
    }
    process.stderr.write(`tradetop: ${sanitise(error.message)}\n${error.next ? `  ${sanitise(error.next)}\n` : ''}`);
    return error.exitCode;
  }
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
  // A closed pipe (`tradetop snapshot | head`) is a reader that has seen enough, not an error.
  process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 70));
  process.exitCode = await main(process.argv.slice(2));
}
