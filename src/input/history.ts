import {CLOSE, COMMON, type ContextKeys, type ContextOf, open, type Response} from './handler.ts';

/** The keys over the curve of a number. */
export const HISTORY_KEYS: ContextKeys<'history'> = {
  commands: {
    ...COMMON,
    next_number: context => step(context, 1),
    previous_number: context => step(context, -1),
    back: () => CLOSE,
  },
};

function step({overlay, viewport}: ContextOf<'history'>, by: 1 | -1): Response {
  const columns = viewport.figures(overlay.pane, overlay.key);
  const now = Math.max(0, columns.indexOf(overlay.column ?? ''));
  const column = columns[(now + by + columns.length) % Math.max(1, columns.length)];
  return column === undefined ? {} : open({...overlay, column});
}
