import {z} from 'zod';
import {type Failure, failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';

/** One thing looked at. `warn`: a feature works less well, or only acting is lost; `missing`: it does not work. */
export type Finding = {
  readonly id: string;
  /** What lives from it: `slow queries`. */
  readonly feature: string;
  readonly status: 'ok' | 'warn' | 'missing';
  readonly text: SafeText;
  /** The exact statement, command or setting that mends it. */
  readonly mend: SafeText | undefined;
};

export type DoctorSection = {
  readonly id: string;
  readonly feature: string;
  readonly status: Finding['status'];
  readonly text: string;
  readonly mend?: string | undefined;
};

export const finding = ({mend, text, ...rest}: DoctorSection): Finding => ({
  ...rest,
  text: sanitise(text),
  mend: mend ? sanitise(mend) : undefined,
});

const row = z.object({
  id: z.string(),
  feature: z.string(),
  status: z.enum(['ok', 'warn', 'missing']),
  text: z.string(),
  mend: z.string().nullable(),
});

/** A row of a statement under sql/doctor. */
export function findingOf(raw: unknown): Finding {
  const {mend, ...part} = row.parse(raw);
  return finding({...part, mend: mend ?? undefined});
}

/** A server that could not be asked is itself a finding. */
export function failureFinding(part: Omit<DoctorSection, 'text' | 'mend'>, what: string, error: unknown): Finding {
  const failure: Failure = failureOf(error);
  return finding({...part, text: `${what}: ${failure.message}`, mend: failure.next || undefined});
}

/** How many of each. */
export function findingsSummary(findings: readonly Finding[]): Readonly<Record<Finding['status'], number>> {
  const of = (status: Finding['status']) => findings.filter(f => f.status === status).length;
  return {ok: of('ok'), warn: of('warn'), missing: of('missing')};
}
