import {chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Proc, procsIn} from '../../../src/demo/process.ts';

/** A directory for a test's own files that everybody may enter. */
export function scratch(): {readonly dir: string; readonly remove: () => void} {
  const dir = mkdtempSync(join(tmpdir(), 'tradetop-scratch-'));
  chmodSync(dir, 0o755);
  return {dir, remove: () => rmSync(dir, {recursive: true, force: true})};
}

/** Fills a directory that is a whole PATH: programs by what they link to, or by the text of a shell script. */
export function binDir(dir: string, programs: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(programs)) {
    if (content.startsWith('#!')) writeFileSync(join(dir, name), content, {mode: 0o755});
    else symlinkSync(content, join(dir, name));
  }
  return dir;
}

/** What is left of a private directory: whether it exists, and its processes. */
export async function leftOf(dir: string): Promise<{readonly exists: boolean; readonly procs: readonly Proc[]}> {
  return {exists: existsSync(dir), procs: await procsIn(dir)};
}

/** The directories of demos below a test's own temporary directory. */
export const demoDirs = (base: string): readonly string[] =>
  readdirSync(base)
    .filter(name => name.startsWith('tradetop-demo-'))
    .map(name => join(base, name));
