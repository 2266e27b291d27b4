import type {TextFile} from './files.ts';
import {nameOf, nodesOf, type SyntaxNode} from './syntax.ts';

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** Files with more lines than `limitOf` allows; files for which it gives undefined may have any number. */
export const longFiles = (files: readonly TextFile[], limitOf: (file: TextFile) => number | undefined) =>
  files.flatMap(file => {
    const [lines, limit] = [linesOf(file.text), limitOf(file)];
    return limit === undefined || lines <= limit ? [] : [`${file.path}: ${lines} lines, at most ${limit}`];
  });

/** Functions, methods and arrow functions of more than `most` lines, signature and closing brace included. */
export const longFunctions = (files: readonly TextFile[], most: number): readonly string[] =>
  files.flatMap(file =>
    functionsOf(file)
      .map(({name, start, end}) => ({name, lines: linesOf(file.text.slice(start, end))}))
      .filter(({lines}) => lines > most)
      .map(({name, lines}) => `${file.path} ${name}: ${lines} lines, at most ${most}`),
  );

type Named = {readonly name: string; readonly start: number; readonly end: number};

/** Every function with a body, with its name: that of its declaration, variable, property or method. */
function functionsOf(file: TextFile): readonly Named[] {
  const nodes = nodesOf(file);
  const names = new Map(nodes.flatMap(node => holds(node).map(inner => [inner, nameOf(node.id ?? node.key)] as const)));
  return nodes
    .filter(({type, body}) => /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression)$/.test(type) && body)
    .map(node => ({
      name: nameOf(node.id) ?? names.get(node) ?? 'a function',
      start: node.start,
      end: node.end,
    }));
}

const holds = (node: SyntaxNode): readonly unknown[] =>
  /^(?:VariableDeclarator|Property|PropertyDefinition|MethodDefinition)$/.test(node.type)
    ? [node.init ?? node.value]
    : [];
