import {randomUUID} from 'node:crypto';
import {renameSync, rmSync, writeFileSync} from 'node:fs';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';

/**
 * Writes a file that only its owner reads, as a whole: who reads it meanwhile reads the old one or the new one. Throws a
 * UserError where it cannot be written.
 */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, text, {mode: 0o600, flag: 'wx'});
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, {force: true});
    const {code} = error as NodeJS.ErrnoException;
    throw new UserError(`Cannot write ${sanitise(path, 300)} (${code}).`, 'Check the directory and its permissions.');
  }
}
