import {createInterface} from 'node:readline/promises';
import type {Plan} from '../../actions/plan.ts';
import type {Environment} from '../../config/config.ts';
import {UserError} from '../../core/errors.ts';

export type Asked = {
  readonly plan: Plan;
  readonly environment: Environment;
  /** `--yes`. */
  readonly yes: boolean;
  /** `--confirm NAME`. */
  readonly confirm: string | undefined;
};

/**
 * Whether it may go on: asked on the terminal, where there is one, or answered by flags. In prod the target's name is
 * typed, or given by `--confirm`, since a `y` is too easily at the wrong prompt. Throws a UserError where nobody can be
 * asked.
 */
export async function confirmed({plan, environment, yes, confirm}: Asked, show: () => void): Promise<boolean> {
  const prod = environment === 'prod';
  if (confirm !== undefined && confirm !== plan.targetName) {
    throw new UserError(`--confirm names ${confirm}, but the target is ${plan.targetName}.`, 'Nothing was done.');
  }
  if (yes && (!prod || confirm !== undefined)) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError(
      'It asks before it acts, and there is no terminal to ask on.',
      prod ? `Add: --yes --confirm '${plan.targetName}'` : 'Add --yes, or look first with --dry-run.',
    );
  }
  show();
  const question = prod
    ? `PROD. Type the target’s name to go on (${plan.targetName}): `
    : `${plan.title} on ${plan.targetName}: go on? [y/N] `;
  const answer = (await ask(question))?.trim();
  return prod ? answer === plan.targetName : /^y(es)?$/i.test(answer ?? '');
}

/** The line that is typed; undefined at Ctrl-C, Ctrl-D and the terminal's end. */
async function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({input: process.stdin, output: process.stderr});
  const over = new Promise<undefined>(resolve => {
    lines.once('SIGINT', () => resolve(undefined));
    lines.once('close', () => resolve(undefined));
  });
  try {
    return await Promise.race([lines.question(question), over]);
  } finally {
    lines.close();
  }
}
