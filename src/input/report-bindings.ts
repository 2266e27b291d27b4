import type {BindingSpec} from './binding.ts';

/** The keys of what is read at length: the report, the folder with everything that is known, the life of an order. */
export const REPORT_BINDINGS = [
  {
    id: 'report',
    keys: ['o'],
    group: 'screen',
    in: ['panes'],
    label: 'hand-over',
    help: 'show the report of the last eight hours: P&L, alerts, acts, what is open',
  },
  {
    id: 'incident_folder',
    keys: ['i'],
    group: 'screen',
    in: ['panes'],
    label: 'incident',
    help: 'write a folder with everything the console knows: panes, an hour of history, alerts, versions, settings; no secrets',
  },
  {
    id: 'trace',
    keys: ['l'],
    group: 'rows',
    in: ['panes', 'details'],
    footer: 9,
    label: 'life',
    help: 'follow the row’s trade, order or correlation id from its signal to the books, and name what is missing or late',
  },
  {
    id: 'write_report',
    keys: ['w'],
    group: 'dialogs',
    in: ['report'],
    footer: 1,
    label: 'write',
    help: 'write the report to a file',
  },
] as const satisfies readonly BindingSpec[];
