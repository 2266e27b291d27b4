import {Box, render} from 'ink';
import {createElement, Fragment} from 'react';
import {expect, it} from 'vitest';
import {App} from '../../components/App.tsx';
import {samplesShown} from '../../components/shown.ts';
import {JUDGED} from '../../src/app/live.ts';
import {createInkScreen} from '../../src/app/screen/ink-screen.ts';
import type {SampleId, Samples, State} from '../../src/model/state.ts';
import * as all from '../../src/monitor/index.ts';
import {startPollers} from '../../src/monitor/run.ts';
import {fakeClock} from '../helpers/state/fake-clock.ts';
import {NO_REDIS, pollerList, SETTINGS} from '../helpers/state/polls.ts';
import {NOW, stateOf} from '../helpers/state/screen.ts';

// What a quiet minute costs, in counts. Its frames are counted in test/unit/store-frames.test.ts: one a second.

/** The same rows, read again `seconds` later. */
function later(seconds: number): State {
  const state = stateOf({at: NOW + seconds * 1_000_000});
  const again = Object.entries(state.samples).map(([id, held]) => [
    id,
    {...held, at: held.at === undefined ? undefined : held.at + seconds * 1_000_000},
  ]);
  return {...state, samples: Object.fromEntries(again) as Samples};
}

it.each([
  [{columns: 160, rows: 48}, 15],
  [{columns: 80, rows: 24}, 2],
])('sends hardly more than the clock and the ages in a quiet minute: %j', async (size, most) => {
  const sent: string[] = [];
  const output = {write: (text: string) => void sent.push(text), busy: () => false};
  const screen = createInkScreen({output, size: () => size, onResize: () => () => {}});
  const element = (state: State) =>
    createElement(
      Fragment,
      null,
      createElement(App, {state, ...size}),
      createElement(Box, {ref: screen.attach, position: 'absolute'}),
    );
  const app = render(element(later(0)), {
    stdout: screen.stdout,
    debug: true,
    patchConsole: false,
    interactive: true,
    alternateScreen: true,
  });
  await new Promise(done => setImmediate(() => setImmediate(done)));
  expect(sent.splice(0).join('')).toContain('1 Trades');
  for (let seconds = 1; seconds <= 60; seconds++) app.rerender(element(later(seconds)));
  const cells = sent.join('').replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').length;
  screen.close();
  app.unmount();
  expect(cells).toBeGreaterThanOrEqual(60);
  expect(cells).toBeLessThanOrEqual(60 * most);
});

it.each([
  ['the first view', {}, 420],
  ['one pane alone', {zoomed: true}, 300],
])('asks only what is shown or judged, and that alone seldom, in a quiet minute: %s', async (_, ui, most) => {
  const clock = fakeClock();
  let readings: (readonly SampleId[])[] = [];
  const pollers = pollerList(all).map(poller => ({
    ...poller,
    reader: () => async () => {
      readings.push(poller.ids as readonly SampleId[]);
      return {};
    },
  }));
  const io = {pgVersion: () => 18, query: async () => []};
  const sources = {trading: io, prefect: io, redis: NO_REDIS};
  const loops = startPollers({pollers, io: sources, settings: SETTINGS, onSample: () => {}, clock, refreshMs: 2000});
  const shown = new Set(samplesShown(stateOf({ui}), 160, 48));
  loops.need({shown, judged: JUDGED});
  await clock.pass(5000);
  readings = [];
  await clock.pass(60_000);
  await loops.stop();
  const needed = (ids: readonly SampleId[]) => ids.some(id => shown.has(id) || JUDGED.has(id));
  expect(readings.filter(ids => !needed(ids))).toEqual([]);
  const unseen = readings.filter(ids => !ids.some(id => shown.has(id)));
  expect(unseen.length).toBeLessThanOrEqual(15 * new Set(unseen).size);
  expect(readings.length).toBeGreaterThan(30);
  expect(readings.length).toBeLessThanOrEqual(most);
});
