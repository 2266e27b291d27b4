import type {TextFile} from './files.ts';
import {isNode, nameOf, nodesOf, type SyntaxNode} from './syntax.ts';

/** The names that a file exports where it declares them; `export {…}` lists are not among them. */
const definedExports = (file: TextFile): readonly string[] =>
  nodesOf(file).flatMap(node => {
    if (node.type !== 'ExportNamedDeclaration' || node.source) return [];
    const names = isNode(node.declaration) ? declaredNames(node.declaration) : [];
    return names.filter(name => name !== undefined);
  });

function declaredNames(declaration: SyntaxNode): readonly (string | undefined)[] {
  if (declaration.type !== 'VariableDeclaration') return [nameOf(declaration.id)];
  return (declaration.declarations as readonly SyntaxNode[]).map(({id}) => nameOf(id));
}

/** Exported names that more than one file defines, with those files. */
export function sharedNames(files: readonly TextFile[]): readonly string[] {
  const owners = new Map<string, string[]>();
  for (const file of files)
    for (const name of new Set(definedExports(file))) owners.set(name, [...(owners.get(name) ?? []), file.path]);
  return [...owners].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(', ')}`);
}

/** The words of a name in lower case: of `createHandOver`, `create_hand_over` and `create-hand-over`, create, hand, over. */
export const wordsOf = (name: string): readonly string[] =>
  (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map(word => word.toLowerCase());

const isIdentifier = ({type}: SyntaxNode): boolean => /^(?:Private|JSX)?Identifier$/.test(type);

/** The identifiers of a TypeScript file, quoted keys of objects and types included. */
const identifiersOf = (file: TextFile): readonly string[] =>
  nodesOf(file)
    .map(node => {
      const quoted = /^(?:Property|TSPropertySignature)$/.test(node.type) && !node.computed;
      return quoted ? nameOf(node.key) : isIdentifier(node) ? nameOf(node) : undefined;
    })
    .filter(name => name !== undefined);

/** The identifiers and keywords of a SQL file: what is neither comment nor string. */
const sqlWordsOf = ({text}: TextFile): readonly string[] =>
  text.replaceAll(/--.*$|'(?:[^']|'')*'/gm, ' ').match(/[A-Za-z_]\w*/g) ?? [];

/** Names that contain one of `words`: a file's path, or an identifier of TypeScript or SQL, each once a file. */
export const forbiddenNames = (files: readonly TextFile[], words: readonly string[]): readonly string[] =>
  files.flatMap(file => {
    const names = /\.tsx?$/.test(file.path) ? identifiersOf(file) : file.path.endsWith('.sql') ? sqlWordsOf(file) : [];
    const bad = (name: string): boolean => wordsOf(name).some(word => words.includes(word));
    return [
      ...(bad(file.path) ? [`${file.path} is the file’s name`] : []),
      ...[...new Set(names)].filter(bad).map(name => `${file.path} names ${name}`),
    ];
  });
