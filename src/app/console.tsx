import {Box, useApp, useInput, usePaste, useStdin, useStdout, useWindowSize} from 'ink';
import {type ReactElement, useCallback, useEffect, useRef, useSyncExternalStore} from 'react';
import {App} from '../../components/App.tsx';
import {samplesShown} from '../../components/shown.ts';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Effect, KeyResult} from '../input/effect.ts';
import {handlePaste} from '../input/handle-key.ts';
import {keysOf} from '../input/keys.ts';
import {onSignals} from '../io/signals.ts';
import {toClipboard} from './clipboard.ts';
import type {Live} from './live.ts';
import type {InkScreen} from './screen/ink-screen.ts';

/** So long the console waits, before it leaves the terminal, for an answer that the terminal still owes. */
export const LAST_ANSWER_MS = 1000;

export type ConsoleProps = {
  readonly live: Live;
  readonly screen: Pick<InkScreen, 'attach' | 'repaint' | 'heard' | 'answered' | 'closed'>;
  readonly quit: () => void;
};

/** The only component that subscribes to the store: draws the State, and turns keys into changes of it and into effects. */
export function Console({live, screen, quit}: ConsoleProps): ReactElement {
  const state = useSyncExternalStore(live.store.subscribe, live.store.get);
  const {columns, rows} = useWindowSize();
  const {suspendTerminal} = useApp();
  const {stdout} = useStdout();
  const suspended = useRef(false);

  const leave = useCallback(
    async (stop: () => void) => {
      if (suspended.current) return;
      suspended.current = true;
      await screen.answered(LAST_ANSWER_MS);
      await suspendTerminal(stop).finally(() => {
        suspended.current = false;
      });
    },
    [suspendTerminal, screen],
  );

  // Another process's SIGTSTP would otherwise stop us with the terminal in raw mode and on the alternate screen.
  useEffect(() => {
    const stop = () => void leave(() => void process.kill(process.pid, 'SIGSTOP'));
    return onSignals(['SIGTSTP'], stop);
  }, [leave]);

  const {view, focus, zoomed, overlay} = state.ui;
  const shows = [view, focus, zoomed, overlay?.kind, columns, rows].join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown depends on these, and not on every frame.
  useEffect(() => live.show(samplesShown(live.store.get(), columns, rows)), [live, shows]);

  const run = (effect: Effect): void => {
    if (effect.kind === 'quit') quit();
    else if (effect.kind === 'copy') copy(effect.text, live, stdout);
    else if (effect.kind === 'repaint') screen.repaint();
    // Stops the whole process group, npm included, so that the user's shell sees it; after fg it continues here.
    else if (effect.kind === 'suspend') void leave(() => void process.kill(0, 'SIGSTOP'));
    else live.runEffect(effect);
  };
  const take = ({ui, effects}: KeyResult): void => {
    if (ui) live.store.setUi(ui);
    for (const effect of effects) run(effect);
  };
  useInput((input, inkKey) => {
    if (screen.closed()) return;
    for (const key of keysOf(input, inkKey))
      take(handleScreenKey(live.store.get(), key, {at: nowMicros(), columns, rows}));
  });
  usePaste(text => take(handlePaste(live.store.get(), text, nowMicros())));
  useHeard(screen);

  return (
    <>
      <App state={state} columns={columns} rows={rows} />
      <Box ref={screen.attach} position="absolute" />
    </>
  );
}

function copy(text: string, {store}: Live, stdout: NodeJS.WritableStream): void {
  const {bytes, but} = toClipboard(text, process.env);
  if (bytes !== '') stdout.write(bytes);
  if (but !== undefined) store.setUi({...store.get().ui, note: {text: sanitise(but), at: nowMicros()}});
}

/** Tells the screen what Ink reads of the terminal; nothing is read for it. To be used after useInput, which reads. */
function useHeard({heard}: Pick<InkScreen, 'heard'>): void {
  const {stdin} = useStdin();
  useEffect(() => {
    stdin.on('data', heard);
    return () => void stdin.off('data', heard);
  }, [stdin, heard]);
}
