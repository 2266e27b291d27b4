import {homedir} from 'node:os';
import {join} from 'node:path';
import type {Env} from '../core/env.ts';

/** Our directory in XDG's state directory: what a person would miss if it were gone. It may not be there yet. */
export const stateDir = (env: Env = process.env): string =>
  join(env.XDG_STATE_HOME || join(env.HOME ?? homedir(), '.local', 'state'), 'tradetop');
