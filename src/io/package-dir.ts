import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The package's directory: the one above this file that contains `sql/`. */
export function packageDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'sql', 'pg', 'session.sql')) && dirname(dir) !== dir) dir = dirname(dir);
  return dir;
}

/** The program's version, as package.json has it. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(packageDir(), 'package.json'), 'utf8')) as {readonly version: string}).version;
