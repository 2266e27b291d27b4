import type {SafeText} from '../core/sanitise.ts';
import type {PositionTrades} from '../trace/position.ts';

/** A position by its keys, as they are shown. */
export type PositionName = {readonly account: SafeText; readonly symbol: SafeText};

/** The position whose trades were asked for last, and what was read of them, or why they are not shown. */
export type PositionShown = PositionName &
  (
    | {readonly phase: 'reading'}
    | {readonly phase: 'refused'; readonly why: SafeText; readonly next: SafeText}
    | {readonly phase: 'read'; readonly of: PositionTrades}
  );
