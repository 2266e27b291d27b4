import type {EditOptions} from './plan.ts';

/** Why an act on the books is refused that states no reason. */
export const NO_REASON = 'Give the reason, which the records keep: --reason TEXT.';

/** The reason that was given; undefined: none, or blanks. */
export const reasonOf = ({reason = ''}: EditOptions = {}): string | undefined =>
  reason.trim() === '' ? undefined : reason;
