import {z} from 'zod';

/** The keeper's instructions, one line on its standard input. The end of that input ends the demo. */
export const planSchema = z.object({
  /** Trades a second of the simulated desk. */
  rate: z.number().positive().optional(),
  /** Seed of the simulated desk: the same seed gives the same trades. */
  seed: z.number().int().optional(),
  /** Incidents that begin once the desk has run for a while. */
  incidents: z.array(z.string()).readonly().optional(),
});
export type DemoPlan = Readonly<z.infer<typeof planSchema>>;

/** What follows the plan, a line each: an incident to begin, or to end where it goes on. */
export const toggleSchema = z.object({toggle: z.string()});

/** The keeper's messages, one line of JSON each on its standard output: a pipe, since `ready` holds passwords. */
export const messageSchema = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('temp_dir'), dir: z.string()}),
  z.object({kind: z.literal('step'), title: z.string(), ms: z.number()}),
  z.object({kind: z.literal('say'), text: z.string()}),
  z.object({kind: z.literal('ready'), env: z.record(z.string(), z.string()), envFile: z.string()}),
  z.object({kind: z.literal('failed'), message: z.string(), next: z.string(), bug: z.boolean()}),
  z.object({
    kind: z.literal('incident'),
    name: z.string(),
    phase: z.enum(['begun', 'ended', 'failed']),
    /** What happens, or why it failed. */
    text: z.string(),
  }),
  z.object({kind: z.literal('lost'), what: z.string()}),
]);
export type KeeperMessage = Readonly<z.infer<typeof messageSchema>>;
