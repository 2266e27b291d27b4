import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** A file of the repository: its path from the top, with `/`, and its whole text. */
export type TextFile = {readonly path: string; readonly text: string};

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Every file that git tracks or would track: what is committed, plus what is new and not ignored. */
export const repositoryFiles = (): readonly TextFile[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {cwd: root, encoding: 'utf8'})
    .split('\n')
    .filter(path => path !== '' && existsSync(join(root, path)))
    .map(path => ({path, text: readFileSync(join(root, path), 'utf8')}));
