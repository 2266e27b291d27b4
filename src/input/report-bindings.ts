import type {BindingSpec} from './binding.ts';

/** The keys of the report, and of the folder with everything that is known. */
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
    id: 'write_report',
    keys: ['w'],
    group: 'dialogs',
    in: ['report'],
    footer: 1,
    label: 'write',
    help: 'write the report to a file',
  },
] as const satisfies readonly BindingSpec[];
