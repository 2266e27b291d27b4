import type {TextFile} from './files.ts';
import {isNode, nameOf, nodesOf, type SyntaxNode} from './syntax.ts';

/** A row of test/requirements.md: what is asked, what does it, and the tests that prove it. */
export type Requirement = {
  readonly asked: string;
  readonly done: string;
  /** The cell of the proofs, as it stands. */
  readonly proof: string;
  readonly proofs: readonly {readonly file: string; readonly names: readonly string[]}[];
};

const NAMES = '“[^”]+”(?:, “[^”]+”)*';
const PROOF = new RegExp(`\`([\\w./-]+\\.tsx?)\`(?: (${NAMES}))?`, 'g');

/** The rows of every table of a Markdown text; heads are left out. Files of proofs are named from `test/` on. */
export const requirementsOf = (text: string): readonly Requirement[] =>
  text
    .split('\n')
    .filter((line, i, lines) => /^\| /.test(line) && !/^\| -/.test(line) && !/^\| -/.test(lines[i + 1] ?? ''))
    .map(line => {
      const [asked = '', done = '', proof = '', ...more] = line.replace(/^\| | \|$/g, '').split(' | ');
      if (more.length > 0) throw new Error(`more than three cells: ${line}`);
      const proofs = [...proof.matchAll(PROOF)].map(([, file = '', names = '']) => ({
        file: `test/${file}`,
        names: [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name),
      }));
      return {asked, done, proof, proofs};
    });

/** What a row names and is not there, and rows that neither prove what they say nor say that it is missing. */
export function unproven(rows: readonly Requirement[], files: readonly TextFile[]): readonly string[] {
  const found = new Map(files.map(file => [file.path, file]));
  return rows.flatMap(({asked, done, proof, proofs}) => {
    const problems = proofs.flatMap(({file, names}) => {
      const text = found.get(file);
      if (!text) return [`there is no ${file}`];
      const tests = testNamesOf(text);
      if (names.length === 0) return [`no test of ${file} is named`];
      return names.filter(name => !tests.has(name)).map(name => `${file} has no test “${name}”`);
    });
    if (asked.trim() === '' || done.trim() === '') problems.push('a cell is empty');
    if (proofs.length === 0 && !/\b(?:missing|decided): \S/.test(proof)) problems.push('there is no proof');
    return problems.map(problem => `${asked}: ${problem}`);
  });
}

/** The names of a file's tests, as they are written; those that are always skipped are none. */
export const testNamesOf = (file: TextFile): ReadonlySet<string> =>
  new Set(
    nodesOf(file).flatMap(node => {
      if (node.type !== 'CallExpression' || !isTest(node.callee)) return [];
      const [first] = node.arguments as readonly SyntaxNode[];
      const name = isNode(first) && first.type === 'Literal' ? nameOf(first) : undefined;
      return name === undefined ? [] : [name];
    }),
  );

/** Whether `test`, `it`, or what these give: `test.each(…)`, `it.skipIf(…)`. */
function isTest(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'Identifier') return callee.name === 'test' || callee.name === 'it';
  if (callee.type === 'CallExpression') return isTest(callee.callee);
  if (callee.type !== 'MemberExpression') return false;
  return !['skip', 'todo'].includes(nameOf(callee.property) ?? '') && isTest(callee.object);
}
