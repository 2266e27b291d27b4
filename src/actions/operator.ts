import {hostname} from 'node:os';
import type {Env} from '../core/env.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {osUser} from '../io/os-user.ts';

/** Who runs an action, as this machine knows it. The server adds database user, address, application and pid. */
export type Operator = {
  readonly osUser: SafeText;
  /** `ssh ADDRESS to HOST` in an SSH session, else this machine's name. */
  readonly client: SafeText;
};

/** Reads the operator from the system: `alice`, or `alice as root` under sudo; the client from SSH_CONNECTION. */
export function thisOperator(env: Env = process.env): Operator {
  const user = osUser();
  const asked = env.SUDO_USER && env.SUDO_USER !== user ? `${env.SUDO_USER} as ${user}` : user;
  const ssh = (env.SSH_CONNECTION ?? env.SSH_CLIENT ?? '').split(' ')[0];
  return {osUser: sanitise(asked, 100), client: sanitise(ssh ? `ssh ${ssh} to ${hostname()}` : hostname(), 200)};
}
