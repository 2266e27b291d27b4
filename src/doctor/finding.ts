import {z} from 'zod';
import {type Failure, failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';

/** The result of one examination. `warn`: a feature works less well, or only actions are lost; `missing`: it does not work. */
export type Finding = {
  readonly id: string;
  /** What depends on it: `slow queries`. */
  readonly feature: string;
  readonly status: 'ok' | 'warn' | 'missing';
  readonly text: SafeText;
  /** The exact statement, command or setting that fixes it. */
  readonly remedy: SafeText | undefined;
};

export type DoctorSection = {
  readonly id: string;
  readonly feature: string;
  readonly status: Finding['status'];
  readonly text: string;
  readonly remedy?: string | undefined;
};

export const finding = ({remedy, text, ...rest}: DoctorSection): Finding => ({
  ...rest,
  text: sanitise(text),
  remedy: remedy ? sanitise(remedy) : undefined,
});

const row = z.object({
  id: z.string(),
  feature: z.string(),
  status: z.enum(['ok', 'warn', 'missing']),
  text: z.string(),
  remedy: z.string().nullable(),
});

/** The finding in a row of a statement under sql/doctor. */
export function findingOf(raw: unknown): Finding {
  const {remedy, ...part} = row.parse(raw);
  return finding({...part, remedy: remedy ?? undefined});
}

/** The finding that a server or a query failed. */
export function failureFinding(part: Omit<DoctorSection, 'text' | 'remedy'>, what: string, error: unknown): Finding {
  const failure: Failure = failureOf(error);
  return finding({...part, text: `${what}: ${failure.message}`, remedy: failure.next || undefined});
}

/** How many findings of each status. */
export function findingsSummary(findings: readonly Finding[]): Readonly<Record<Finding['status'], number>> {
  const of = (status: Finding['status']) => findings.filter(f => f.status === status).length;
  return {ok: of('ok'), warn: of('warn'), missing: of('missing')};
}
