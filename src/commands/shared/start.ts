import {readFileSync} from 'node:fs';
import nodeModule from 'node:module';
import {join} from 'node:path';
import {cacheDir} from '../../io/cache-dir.ts';
import {packageDir} from '../../io/package-dir.ts';

/** From now on Node keeps what it compiles in our cache directory, where that can be written, and need not compile it again. */
export function keepCompiled(): void {
  const dir = process.env.NODE_COMPILE_CACHE ?? cacheDir('compiled');
  // A Node that lacks it is too old, and is told so later.
  if (dir !== undefined) nodeModule.enableCompileCache?.(dir);
}

/** The package's own package.json, whose version --version prints. */
export const packageJson = (): {readonly name: string; readonly version: string} =>
  JSON.parse(readFileSync(join(packageDir(), 'package.json'), 'utf8'));
