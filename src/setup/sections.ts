/** Parts of the set-up that can be run alone, by the names of the scripts' `-- @section` lines. */
export const SECTIONS = ['databases', 'tables', 'indexes', 'roles', 'prefect'] as const;
export type Section = (typeof SECTIONS)[number];

/** One script of the set-up, which psql can run as well. */
export type SetupStep = {
  readonly file: string;
  /** Where it runs: in any database of the server, or in the trading database. */
  readonly runsIn: 'server' | 'trading';
  readonly sections: readonly Section[];
};

export const STEPS: readonly SetupStep[] = [
  {file: '01_create_databases.sql', runsIn: 'server', sections: ['databases', 'roles', 'prefect']},
  {file: '02_create_core_tables.sql', runsIn: 'trading', sections: ['tables', 'roles']},
  {file: '03_create_indexes.sql', runsIn: 'trading', sections: ['indexes']},
];
