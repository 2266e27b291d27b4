import {parseAst} from 'vitest/node';
import type {TextFile} from './files.ts';

/** A node of the ESTree syntax, with TypeScript's own kinds. `start` and `end` count UTF-16 units. */
export type SyntaxNode = {readonly type: string; readonly start: number; readonly end: number} & Readonly<
  Record<string, unknown>
>;

const parsed = new WeakMap<TextFile, readonly SyntaxNode[]>();

/** Every node of a .ts or .tsx file, each before its children; parsed once. Throws where the text is not TypeScript. */
export function nodesOf(file: TextFile): readonly SyntaxNode[] {
  const known = parsed.get(file);
  if (known) return known;
  const found: SyntaxNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value)) {
      found.push(value);
      for (const child of Object.values(value)) if (typeof child === 'object') visit(child);
    }
  };
  visit(parseAst(file.text, {lang: file.path.endsWith('x') ? 'tsx' : 'ts'}));
  parsed.set(file, found);
  return found;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as {type?: unknown}).type === 'string';

/** The name of an identifier or the text of a string literal; undefined for every other node. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const name = node.type === 'Literal' ? node.value : node.name;
  return typeof name === 'string' ? name : undefined;
}
