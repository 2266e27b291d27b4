import type {Prepared} from './action.ts';

/** What an action prepares where its request cannot be looked up: only the reason. The gate never runs it. */
export const refused = (refusal: string): Prepared => ({
  facts: [],
  sql: [],
  refusal,
  execute: async () => ({outcome: 'failed', rows: undefined, summary: 'Refused.'}),
});
