import type {State} from '../model/state.ts';
import {reportMarkdown} from '../report/markdown.ts';
import {type KeyContext, note, open, type Response} from './handler.ts';

/** Asks for the report of the last hours, and opens the overlay that shows it. */
export const openReport = (): Response => ({
  ...open({kind: 'report', scroll: 0}),
  effects: [{kind: 'reporting', what: 'read'}],
});

/** Writes the report that is shown to a file. */
export const writeReport = ({state, at}: KeyContext): Response =>
  state.report?.phase === 'read'
    ? {...note('writing the report', at), effects: [{kind: 'reporting', what: 'write'}]}
    : note('there is no report yet', at);

/** Writes a folder with everything that the console knows. */
export const writeIncident = ({at}: KeyContext): Response => ({
  ...note('gathering everything into a folder', at),
  effects: [{kind: 'reporting', what: 'incident'}],
});

/** The report that is shown, as Markdown; undefined: there is none. */
export const reportText = ({report}: State): string | undefined =>
  report?.phase === 'read' ? reportMarkdown(report.report) : undefined;
