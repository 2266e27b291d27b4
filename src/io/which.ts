import {accessSync, constants} from 'node:fs';
import {delimiter, join} from 'node:path';

/** The first executable file of that name in a PATH. */
export function which(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  const dirs = path.split(delimiter).filter(dir => dir.startsWith('/'));
  return dirs.map(dir => join(dir, name)).find(executable);
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
