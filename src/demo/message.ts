import {z} from 'zod';

/** What the keeper is told, in one line on its standard input. The end of that input is the end of the demo. */
export const planSchema = z.object({
  /** Trades a second of the simulated desk. */
  rate: z.number().positive().optional(),
  /** What the simulated desk's chances come from: the same seed, the same trades. */
  seed: z.number().int().optional(),
});
export type DemoPlan = Readonly<z.infer<typeof planSchema>>;

/** What the keeper says, a line of JSON each, on its standard output: a pipe, since `ready` holds passwords. */
export const messageSchema = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('place'), dir: z.string()}),
  z.object({kind: z.literal('step'), title: z.string(), ms: z.number()}),
  z.object({kind: z.literal('say'), text: z.string()}),
  z.object({kind: z.literal('ready'), env: z.record(z.string(), z.string()), envFile: z.string()}),
  z.object({kind: z.literal('failed'), message: z.string(), next: z.string(), bug: z.boolean()}),
  z.object({kind: z.literal('lost'), what: z.string()}),
]);
export type KeeperMessage = Readonly<z.infer<typeof messageSchema>>;
