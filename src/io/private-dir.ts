import {existsSync, mkdirSync} from 'node:fs';
import {dirname, resolve} from 'node:path';

/**
 * Makes a directory that only its owner can enter, with those above it that are missing. Throws the system's error. One by
 * one: below /proc Node tries a recursive mkdir for ever.
 */
export function makePrivateDir(path: string): void {
  const missing: string[] = [];
  for (let dir = resolve(path); !existsSync(dir); dir = dirname(dir)) missing.unshift(dir);
  makePrivateDirs(missing);
}

/** Makes directories that only their owner can enter, one in the other, where they are missing. Throws the system's error. */
export function makePrivateDirs(paths: readonly string[]): void {
  for (const dir of paths.filter(path => !existsSync(path))) {
    try {
      mkdirSync(dir, {mode: 0o700});
    } catch (error) {
      // Another program has made it in between.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
