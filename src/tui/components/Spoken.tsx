/** For a screen reader: the same in sentences, without bars, columns and pictures. */
import { basename } from 'node:path';
import { Text } from 'ink';
import { change, short } from '../format.js';
import { bindings } from '../keymap.js';
import { knobs } from '../knobs.js';
import { type Painting, shown } from '../painting.js';
import type { ScreenState } from '../state.js';
import { emptyTrend, recentChange, recentSpan } from '../trend.js';

export function Spoken({ state }: { state: ScreenState }) {
  const painting = shown(state);
  const { help, log, view, unseen, message, asking, stopping, waiting, counts } = state;
  const sentences = [
    ...(help ? bindings.map(({ keys, help }) => `${keys}: ${help}`) : []),
    ...(view.log ? log.slice(-10).map(({ text }) => `${text}.`) : []),
    ...(painting ? sentencesOn(painting, state.chosen) : ['Waiting for pictures.']),
    `${waiting.size} waiting, ${counts.done} done, ${counts.failed} failed, ${counts.skipped} skipped.`,
    ...(unseen.count > 0 ? [`Failed: ${unseen.last}.`] : []),
    ...(message ? [`${message}.`] : []),
    ...(stopping ? ['Stopping.'] : asking ? ['Quit while painting? Press y for yes, n for no.'] : []),
    'Press question mark for the keys.',
  ];
  return <Text>{sentences.join('\n')}</Text>;
}

function sentencesOn(painting: Painting, chosen: number): string[] {
  const { source, iteration, iterations, scale, scales, paused, secondsLeft, losses } = painting;
  const step = `step ${iteration} of ${iterations}, scale ${scale} of ${scales}`;
  const knob = knobs(painting.weights, painting.styles)[chosen];
  const changed = recentChange(painting.trends.total ?? emptyTrend);
  return [
    `${paused ? 'Paused' : 'Painting'} ${basename(source)}, ${step}.`,
    ...(secondsLeft === undefined || paused ? [] : [`${spokenTime(secondsLeft)} left.`]),
    ...(losses ? [`Loss ${short(losses.total)}.`] : ['Measuring content and styles.']),
    ...(changed === undefined ? [] : [`${change(changed)} over the last ${recentSpan} steps.`]),
    `Chosen weight: ${knob.name}, ${short(knob.value)}.`,
  ];
}

/** To the minute, or to ten seconds below one: what changes all the time is read out all the time. */
function spokenTime(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
