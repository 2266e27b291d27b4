import {dirname, join, matchesGlob, normalize} from 'node:path/posix';
import type {TextFile} from './files.ts';

/**
 * What Markdown files name and the repository does not have: the targets of links and pictures, headings behind `#`,
 * and paths in code. A path in code is looked up from the top and from the file's own folder, with or without its
 * extension; `*`, `{a,b}` and `…` stand for parts of it.
 */
export const brokenLinks = (files: readonly TextFile[]): readonly string[] =>
  files
    .filter(({path}) => path.endsWith('.md'))
    .flatMap(file => [...badTargets(file, files), ...badPaths(file, files)].map(what => `${file.path}: ${what}`));

const FENCED = /^(```+|~~~+)[\s\S]*?^\1/gm;

/** The text without its code, in which brackets are not links. */
const prose = (text: string): string => text.replaceAll(FENCED, '').replaceAll(/`[^`\n]*`/g, '');

function badTargets(file: TextFile, files: readonly TextFile[]): readonly string[] {
  const text = prose(file.text);
  const inline = [...text.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)|\b(?:src|href)="([^"]+)"/gm)];
  const targets = inline.map(match => match[1] ?? match[2] ?? match[3] ?? '');
  return targets.filter(target => !/^[a-z]+:/i.test(target) && !leads(target, file, files));
}

/** Whether a relative link has a file or folder, and behind `#` a heading of that file. */
function leads(target: string, from: TextFile, files: readonly TextFile[]): boolean {
  const [path = '', heading] = decodeURIComponent(target).split('#');
  const whole = path === '' ? from.path : normalize(join(dirname(from.path), path)).replace(/\/$/, '');
  const file = files.find(other => other.path === whole);
  if (heading === undefined) return file !== undefined || files.some(other => other.path.startsWith(`${whole}/`));
  return file !== undefined && headingsOf(file.text).includes(heading);
}

/** The anchors that GitHub gives to a file's headings; the second of the same name ends in `-1`. */
export function headingsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...text.replaceAll(FENCED, '').matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)].map(([, title = '']) => {
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replaceAll(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

function badPaths(file: TextFile, files: readonly TextFile[]): readonly string[] {
  const here = dirname(file.path);
  const spans = [...file.text.replaceAll(FENCED, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const words = [...file.text.matchAll(FENCED)].flatMap(([block]) => block.split(/\s+/));
  const isPath = (code: string): boolean =>
    /^[\w@.*{},…-]+(?:\/[\w@.*{},…-]*)+$/.test(code) &&
    files.some(({path}) =>
      [`${code.split('/')[0]}/`, join(here, `${code.split('/')[0]}/`)].some(p => path.startsWith(p)),
    );
  return [...new Set([...spans, ...words].filter(isPath))].filter(
    code => !exists(code, files) && !exists(join(here, code), files),
  );
}

function exists(code: string, files: readonly TextFile[]): boolean {
  const glob = code.replaceAll('…', '*').replace(/\/$/, '');
  return files.some(({path}) => [glob, `${glob}/**`, `${glob}.*`].some(pattern => matchesGlob(path, pattern)));
}
