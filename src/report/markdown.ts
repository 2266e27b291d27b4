import type {DeskReport} from './document.ts';
import {type ReportTable, reportHead, reportTables} from './tables.ts';

/** A report as Markdown, with its tables as GitHub and others read them. */
export function reportMarkdown(report: DeskReport): string {
  const [title = '', ...lines] = reportHead(report);
  const head = [`# ${escaped(title)}`, ...lines.map(line => `- ${escaped(line)}`)];
  return `${[`${head[0]}\n\n${head.slice(1).join('\n')}`, ...reportTables(report).map(tableText)].join('\n\n')}\n`;
}

function tableText({title, head, rows, remark}: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table =
    rows.length === 0
      ? []
      : [
          [
            line(head.map(({text}) => escaped(text))),
            line(head.map(({align}) => (align === 'right' ? '---:' : '---'))),
            ...rows.map(cells => line(cells.map(escaped))),
          ].join('\n'),
        ];
  return [`## ${escaped(title)}`, ...table, ...(remark === undefined ? [] : [escaped(remark)])].join('\n\n');
}

/** A text that Markdown and HTML leave as it is. Line breaks are gone already. */
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*|[\]#]/g, '\\$&');
