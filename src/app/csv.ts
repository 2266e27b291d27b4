import type {PaneTable} from '../../components/panes/shared/pane-table.ts';

type Value = PaneTable['rows'][number]['values'][string];

/**
 * A pane's rows as CSV by RFC 4180: a line with the names of the columns, then one a row. Numbers and money have all
 * their digits, times are ISO 8601 in UTC; an unknown value is an empty field.
 */
export function csvOf({fields, rows}: Pick<PaneTable, 'fields' | 'rows'>): string {
  const lines = rows.map(({values}) => fields.map(id => values[id] ?? null));
  return [fields, ...lines].map(line => `${line.map(field).join(',')}\r\n`).join('');
}

function field(value: Value): string {
  if (value === null) return '';
  const text = String(value);
  // An empty text is not an unknown value.
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
