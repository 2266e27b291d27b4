import {chmodSync, lstatSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {arch, hostname, platform, release} from 'node:os';
import {join} from 'node:path';
import {PANES} from '../../components/panes/index.ts';
import type {PaneTable} from '../../components/panes/shared/pane-table.ts';
import type {Config} from '../config/config.ts';
import {ALL_VARIABLES} from '../config/variables.ts';
import type {Env} from '../core/env.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {createRedactor, type Redactor, redacted, secretsOf} from '../core/redact.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, nowMicros} from '../core/time.ts';
import {makePrivateDir} from '../io/private-dir.ts';
import {stateDir} from '../io/state-dir.ts';
import type {State} from '../model/state.ts';
import type {DeskReport} from '../report/document.ts';
import {reportMarkdown} from '../report/markdown.ts';
import {jsonOf, paneText} from './snapshot-forms.ts';

/** What goes into an incident's folder. */
export type IncidentFacts = {
  readonly config: Config;
  readonly state: State;
  /** The hand-over of the last hours, or why there is none. */
  readonly report: DeskReport | {readonly error: string};
  /** The program's version. */
  readonly version: string;
};

/**
 * Writes everything into an incident's folder: every pane as text and JSON, the past hour of their numbers, the alerts, the
 * hand-over, versions and settings. Secrets are left out, and of statements what follows their first value in quotes. Throws a
 * UserError where it cannot be written.
 */
export function writeIncidentFolder(dir: string, incident: IncidentFacts, env: Env = process.env): void {
  const redact = createRedactor([...passwordsOf(incident.config), ...secretsOf(env)]);
  for (const [name, text] of filesOf(incident, redact, env))
    attempt(join(dir, name), path => writeFileSync(path, text, {mode: 0o600, flag: 'wx'}));
}

const passwordsOf = ({trading, prefect, redis}: Config): readonly string[] =>
  [trading.password(), prefect.password(), redis.password(), redis.key?.()].filter(each => each !== undefined);

/**
 * Makes the folder of an incident, which only its owner can enter: `out`, which must be new or empty; default: a new one in
 * our state directory. Gives its path; throws a UserError where it cannot be made.
 */
export function makeIncidentFolder(out: string | undefined, env: Env = process.env): string {
  if (out !== undefined) {
    attempt(out, makePrivateDir);
    attempt(out, path => {
      if (!lstatSync(path).isDirectory() || readdirSync(path).length > 0)
        throw new UserError(`${sanitise(out, 300)} is not an empty directory.`, 'Name one that is new or empty.');
      chmodSync(path, 0o700);
    });
    return out;
  }
  const base = join(stateDir(env), 'incidents');
  attempt(base, makePrivateDir);
  const name = `incident-${isoMicros(nowMicros()).slice(0, 23).replaceAll(/[:.]/g, '-')}-${process.pid}`;
  attempt(join(base, name), path => mkdirSync(path, {mode: 0o700}));
  return join(base, name);
}

function attempt(path: string, work: (path: string) => unknown): void {
  try {
    work(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const {code} = error as NodeJS.ErrnoException;
    throw new UserError(`Cannot write ${sanitise(path, 300)} (${code}).`, 'Check the directory and its permissions.');
  }
}

type File = readonly [name: string, text: string];

function filesOf(incident: IncidentFacts, redact: Redactor, env: Env): readonly File[] {
  const {config, state, report} = incident;
  const json = (value: unknown): string => `${JSON.stringify(redacted(value, redact), null, 2)}\n`;
  const tables = PANES.map(pane => withoutSecrets(pane.table(state), redact));
  return [
    ['README.md', aboutText(incident)],
    ['snapshot.json', json(jsonOf(state, tables))],
    ...tables.flatMap((table): readonly File[] => [
      [`pane-${table.id}.txt`, `${paneText(table, Number.MAX_SAFE_INTEGER)}\n`],
      [`pane-${table.id}.json`, json(table.rows.map(({values}) => values))],
    ]),
    ['history.json', `${JSON.stringify(redacted(historyOf(state), redact))}\n`],
    ...('error' in report
      ? [['report.json', json(report)] as const]
      : [
          ['report.json', json(report)] as const,
          ['report.md', reportMarkdown(redacted(report, redact) as DeskReport)] as const,
        ]),
    ['versions.json', json(versionsOf(incident))],
    ['settings.json', json({postgres: state.samples.settings.rows, tradetop: settingsOf(config, env)})],
  ];
}

/** A pane's texts without secrets; its values are left to `redacted`. */
const withoutSecrets = (table: PaneTable, redact: Redactor): PaneTable => ({
  ...table,
  summary: table.summary.map(([text, style]) => [redact(text), style]),
  status: {...table.status, detail: redact(table.status.detail), next: redact(table.status.next)},
  remarks: table.remarks.map(redact),
  rows: table.rows.map(row => ({...row, texts: row.texts.map(redact)})),
});

const aboutText = ({config, state, version}: IncidentFacts): string =>
  `${[
    `# Incident, ${isoMicros(state.at)}`,
    '',
    `Written by tradetop ${version} on ${sanitise(hostname())}, environment ${config.environment}.`,
    'Passwords, keys and tokens are left out, and of statements everything from their first value in quotes on. Look through it',
    'all the same before you give it away: it has account names, positions and P&L.',
    '',
    '- `snapshot.json`: the servers, the bus, every pane, the alerts.',
    '- `pane-*.txt`, `pane-*.json`: each pane by itself.',
    '- `history.json`: the numbers of the panes over the past hour, a value every few seconds; null: not known. A command has',
    '  read them once only: the console has the hour.',
    '- `report.md`, `report.json`: the hand-over of the last eight hours.',
    '- `versions.json`, `settings.json`: programs, servers, and how they are set.',
  ].join('\n')}\n`;

/** A value as the past keeps it, which is seven digits; null: not known. */
const kept = (value: number | undefined): number | null => (value === undefined ? null : Number(value.toPrecision(7)));

/** The past of every number of the panes. */
const historyOf = (state: State): readonly unknown[] =>
  PANES.flatMap(pane =>
    pane.recorded(state).flatMap(({key, column}) => {
      const past = state.history?.past(pane.id, key, column, state.at);
      return past === undefined
        ? []
        : [{pane: pane.id, key, column, every_seconds: past.everySeconds, values: past.values.map(kept)}];
    }),
  );

const versionsOf = ({state: {samples}, version}: IncidentFacts): unknown => ({
  tradetop: version,
  node: process.version,
  system: `${platform()} ${release()} ${arch()}`,
  postgres: samples.server.rows[0]?.version ?? null,
  redis: samples.redis.rows[0]?.version ?? null,
});

/** The configuration without its secrets, and the names of the variables that are set. */
const settingsOf = ({trading, prefect, redis, ...rest}: Config, env: Env): unknown => ({
  ...rest,
  trading: pgOf(trading),
  prefect: pgOf(prefect),
  redis: {kind: redis.kind, nodes: redis.nodes, db: redis.db, user: redis.user ?? null, tls: redis.tls},
  variables: ALL_VARIABLES.flatMap(({names}) => names).filter(name => env[name] !== undefined),
});

const pgOf = ({host, port, database, user, ssl}: Config['trading']): unknown => ({host, port, database, user, ssl});

/** What is written in place of a report that could not be read. */
export const noReport = (error: unknown): {readonly error: string} => ({error: failureOf(error).message});
