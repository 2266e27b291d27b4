import type {Overlay} from '../model/ui-state.ts';
import type {READING} from './binding.ts';
import type {CommandIn} from './bindings.ts';
import {explain} from './explain.ts';
import {COMMON, copied, type KeyContext, moving, note, open, type Response} from './handler.ts';
import {leadOn} from './lead.ts';
import {onTape, positionText} from './position.ts';
import {rejectOf} from './rejects.ts';
import {reportText, writeReport} from './report.ts';
import {scrollBy} from './scroll.ts';
import {traceRow, traceText} from './trace.ts';
import {profileSession} from './waits.ts';

type ReadingContext = (typeof READING)[number];
type Context = KeyContext<Extract<Overlay, {kind: ReadingContext}>>;

/** The keys in help, details, the report and a rejected message: they scroll, copy and close it. */
export const READING_KEYS = {
  commands: {
    ...COMMON,
    ...moving(scrollBy),
    first: context => scrollBy(context, -context.viewport.scrollMax),
    last: context => scrollBy(context, context.viewport.scrollMax),
    verify: () => ({effects: [{kind: 'verify'}]}),
    copy,
    write_report: writeReport,
    explain: context => {
      const {overlay} = context;
      return overlay.kind === 'details' ? explain(context, overlay.pane, overlay.key) : {};
    },
    profile: context => {
      const {overlay} = context;
      return overlay.kind === 'details' ? profileSession(context, overlay.key) : {};
    },
    trace: context => {
      const {overlay} = context;
      return overlay.kind === 'details' ? traceRow(context, overlay.pane, overlay.key) : {};
    },
    lead: context => {
      const {overlay} = context;
      if (overlay.kind === 'position') return onTape(context);
      return overlay.kind === 'details' ? leadOn(context, overlay.pane, overlay.key) : {};
    },
    back: ({overlay}) => open(under(overlay)),
  },
} satisfies {readonly commands: Readonly<Record<CommandIn<ReadingContext>, (context: Context) => Response>>};

function copy({state, at, viewport, overlay}: Context): Response {
  const text =
    overlay.kind === 'details'
      ? viewport.copy(overlay.pane, overlay.key)
      : overlay.kind === 'reject'
        ? rejectOf(state, overlay.number)?.text
        : overlay.kind === 'explain' && state.explained?.phase === 'planned'
          ? state.explained.lines.join('\n')
          : overlay.kind === 'report'
            ? reportText(state)
            : overlay.kind === 'trace'
              ? traceText({state})
              : overlay.kind === 'position'
                ? positionText({state})
                : undefined;
  return text === undefined ? note('nothing to copy', at) : copied(text, at);
}

/** What lies under an overlay: the list of rejected messages under one of them. */
const under = (overlay: Overlay): Overlay | undefined =>
  overlay.kind === 'reject' ? {kind: 'rejects', selected: overlay.number} : undefined;
