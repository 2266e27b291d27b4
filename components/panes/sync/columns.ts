import {decimal} from '../../../src/core/format.ts';
import {ageColumn, numberColumn, severityColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';
import {detailColumns} from './details.ts';
import type {SyncPaneRow as Row} from './row.ts';

const perSecond = (row: Row): number | undefined =>
  row.kind === 'channel'
    ? row.of.perSecond
    : row.kind === 'worker' && row.severity === 'ok' && !row.past
      ? row.of.figures.channels.reduce((sum, channel) => sum + channel.perSecond, 0)
      : undefined;

/** The columns of the screen, then what only JSON and the details of a row have. */
export const syncColumns: readonly Column<Row>[] = [
  severityColumn({
    of: row => row.severity,
    text: row => (row.past || row.kind === 'channel' || row.kind === 'lag' ? '' : undefined),
  }),
  textColumn({
    id: 'kind',
    title: 'KIND',
    priority: 1,
    width: 7,
    ideal: 7,
    max: 10,
    value: row => row.kind,
    style: () => 'faint',
  }),
  textColumn({
    id: 'name',
    title: 'NAME',
    priority: 0,
    width: 9,
    ideal: 14,
    max: 40,
    value: row => row.name,
    // The prefix that all our channels share would only take room.
    text: row => row.name.replace(/^data_sync:/, ''),
    style: () => 'strong',
  }),
  textColumn({
    id: 'state',
    title: 'STATE',
    priority: 0,
    width: 7,
    ideal: 8,
    max: 16,
    value: row => row.state,
    style: row => (row.severity === 'crit' ? 'crit' : row.severity === 'warn' ? 'strong' : undefined),
  }),
  ageColumn({id: 'at', title: 'AGE', priority: 0, width: 6, at: row => row.at, missing: ''}),
  numberColumn({id: 'per_second', title: 'RATE/s', priority: 2, width: 6, value: perSecond, format: decimal}),
  textColumn({
    id: 'note',
    title: 'NOTE',
    priority: 0,
    width: 10,
    ideal: 15,
    max: 500,
    share: 0.3,
    value: row => row.note,
  }),
  ...detailColumns,
];
