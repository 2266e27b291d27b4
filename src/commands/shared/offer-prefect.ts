import type {PgTarget} from '../../io/targets.ts';
import {which} from '../../io/which.ts';
import {
  configurePrefect,
  type PrefectDatabase,
  pgpassLine,
  prefectCommands,
  prefectLines,
} from '../../setup/prefect.ts';
import {askLine} from './ask-confirm.ts';

export type PrefectOffer = {
  readonly server: PgTarget;
  readonly prefect: PrefectDatabase;
  /** Of Prefect's role, where the set-up knows it. */
  readonly password: string | undefined;
  /** Run the commands without asking. */
  readonly yes: boolean;
  readonly dryRun: boolean;
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Shows the commands that make Prefect use its database, and runs them where the `prefect` program is on the PATH and
 * somebody says yes. Whatever becomes of it is told; nothing here fails the set-up.
 */
export async function offerPrefect({server, prefect, password, yes, dryRun}: PrefectOffer): Promise<void> {
  const commands = prefectCommands(server, prefect);
  const program = which('prefect');
  print(
    `To connect Prefect to its database:\n${prefectLines(commands)
      .map(line => `  ${line}`)
      .join('\n')}`,
  );
  print(`Prefect takes the password from PGPASSWORD, or from ~/.pgpass: ${pgpassLine(server, prefect)}:PASSWORD`);
  if (program === undefined || dryRun) return;
  if (!(await agreed(program, yes))) return print('Prefect is as it was.');
  const failed = await configurePrefect(program, commands, password);
  print(
    failed === undefined ? 'Prefect uses its database.' : `warning: Prefect could not be set up by itself: ${failed}`,
  );
  if (process.env.PREFECT_API_DATABASE_CONNECTION_URL) {
    print('warning: PREFECT_API_DATABASE_CONNECTION_URL is set here, and overrules what Prefect keeps in its profile.');
  }
}

async function agreed(program: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (process.stdin.isTTY && process.stderr.isTTY) {
    return /^y(es)?$/i.test((await askLine(`Run both by ${program}? [y/N] `))?.trim() ?? '');
  }
  print('To have them run, add --yes.');
  return false;
}
