import {accessSync, constants, lstatSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';
import type {Env} from '../core/env.ts';
import {makePrivateDirs} from './private-dir.ts';

/**
 * A directory of ours in XDG's cache directory, made where it is missing; undefined where none can be written, or the
 * one that is there belongs to somebody else. What is in it may be removed at any time.
 */
export function cacheDir(name: string, env: Env = process.env): string | undefined {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  try {
    const dirs = [cache, join(cache, 'tradetop'), join(cache, 'tradetop', name)];
    makePrivateDirs(dirs);
    const dir = dirs.at(-1) as string;
    accessSync(dir, constants.W_OK | constants.X_OK);
    return dirs.slice(1).every(each => lstatSync(each).uid === process.getuid?.()) ? dir : undefined;
  } catch {
    return undefined;
  }
}
