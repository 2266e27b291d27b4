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
 * Whether the plan may run: asked on the terminal, or answered by flags. In prod, and where the plan asks for it, the target's name must be typed, or given
 * by `--confirm`, since a `y` is easily typed at the wrong prompt. Throws a UserError where there is no terminal to ask on.
 */
export async function confirmed({plan, environment, yes, confirm}: Asked, show: () => void): Promise<boolean> {
  const prod = environment === 'prod' || plan.typed === true;
  if (confirm !== undefined && confirm !== plan.targetName) {
    throw new UserError(`--confirm names ${confirm}, but the target is ${plan.targetName}.`, 'Nothing was done.');
  }
  if (yes && (!prod || confirm !== undefined)) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError(
      'The action needs a confirmation, and there is no terminal to ask on.',
      prod ? `Add: --yes --confirm '${plan.targetName}'` : 'Add --yes, or look first with --dry-run.',
    );
  }
  show();
  const question = prod
    ? `${environment === 'prod' ? 'PROD. ' : ''}Type the target’s name to confirm (${plan.targetName}): `
    : `${plan.title} on ${plan.targetName}: run it? [y/N] `;
  const answer = (await askLine(question))?.trim();
  return prod ? answer === plan.targetName : /^y(es)?$/i.test(answer ?? '');
}

/** The typed line; undefined at Ctrl-C, Ctrl-D and the terminal's end. */
export async function askLine(question: string): Promise<string | undefined> {
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
