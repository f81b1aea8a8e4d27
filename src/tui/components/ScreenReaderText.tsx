/** The screen as sentences, for screen readers. */
import { basename } from 'node:path';
import { Text } from 'ink';
import { relativeChange, shortNumber } from '../../util/format.js';
import { detailsOf } from '../details.js';
import { helpFor } from '../help.js';
import { modalHints } from '../hints.js';
import { heldNote } from '../inboxes.js';
import { knobsOf } from '../knobs.js';
import { frameOf } from '../pace.js';
import { type Painting, shown } from '../painting.js';
import { type Picker, shownChoices } from '../picker.js';
import { selectedRow, wordFor } from '../queue.js';
import type { ScreenState } from '../state.js';
import { emptyTrend, recentChange, recentSpan } from '../trend.js';
import { quitQuestion } from './Message.js';

export function ScreenReaderText({ state }: { state: ScreenState }) {
  const painting = shown(state);
  const { modal, log, view, unseen, message, pending, stopping, waiting, held, counts } = state;
  const frame = frameOf(state);
  const sentences = [
    ...spokenModal(state),
    ...(view.log ? log.slice(-10).map(({ text }) => `${text}.`) : []),
    ...(painting ? sentencesOn(painting, state.chosen) : ['Waiting for pictures.']),
    ...(frame ? [`Frame ${frame.number} of ${frame.of}.`] : []),
    `${waiting.size} waiting, ${counts.done} done, ${counts.failed} failed, ${counts.skipped} skipped.`,
    ...(held.length > 0 ? [heldNote(held)] : []),
    ...(unseen.count > 0 ? [`Failed: ${unseen.last}.`] : []),
    ...(message ? [`${message}.`] : []),
    ...pending.map(({ text, keys }) => `${text}. Keys: ${keys}.`),
    ...(stopping
      ? ['Stopping.']
      : modal?.kind === 'quit'
        ? [quitQuestion(state.paintings, modal.resumes), `Keys: ${modalHints(modal, state).join(', ')}.`]
        : []),
    'Press question mark for the keys.',
  ];
  return <Text>{sentences.join('\n')}</Text>;
}

/** The modal or pane that has focus; of lists, only the selected entry. */
function spokenModal(state: ScreenState): string[] {
  const { modal, pane } = state;
  if (modal?.kind === 'help')
    return helpFor(modal.text).map(({ keys, command, help }) => `${keys || command}: ${help}`);
  if (modal?.kind === 'prompt') return [`Typing ${modal.purpose}: ${modal.text}`];
  if (modal?.kind === 'gallery') return [`The gallery: ${modal.url}`];
  if (modal?.kind === 'styles') return [spokenChoice(modal)];
  if (modal?.kind === 'viewer') return detailsOf(modal.record).map(([name, value]) => `${name}: ${value}`);
  if (pane !== 'queue') return [];
  const row = selectedRow(state);
  return [row ? `In the queue: ${row.name}, ${wordFor(row)}. ${row.detail}` : 'The queue is empty.'];
}

function spokenChoice({ following, share, ...picker }: Picker): string {
  const choice = shownChoices(picker).at(picker.chosen);
  const whom = following ? 'For what follows' : 'For this picture';
  if (!choice) return `${whom}. No style has this name. Typed: ${picker.text}`;
  const part = choice.kind === 'painting' ? ` Share ${share.toFixed(2)}.` : '';
  return `${whom}. ${choice.kind} ${choice.name}: ${choice.about}.${part} Enter paints with it.`;
}

function sentencesOn(painting: Painting, chosen: number): string[] {
  const { source, iteration, iterations, scale, scales, paused, secondsLeft, losses } = painting;
  const step = `step ${iteration} of ${iterations}, scale ${scale} of ${scales}`;
  const knob = knobsOf(painting)[chosen];
  const changed = recentChange(painting.trends.total ?? emptyTrend);
  return [
    `${paused ? 'Paused' : 'Painting'} ${basename(source)}, ${step}.`,
    ...(secondsLeft === undefined || paused ? [] : [`${spokenTime(secondsLeft)} left.`]),
    ...(losses ? [`Loss ${shortNumber(losses.total)}.`] : ['Measuring content and styles.']),
    ...(changed === undefined ? [] : [`${relativeChange(changed)} over the last ${recentSpan} steps.`]),
    `Chosen weight: ${knob.name}, ${shortNumber(knob.value)}.`,
  ];
}

/** Rounded to minutes, below one to ten seconds: every change would be read out. */
function spokenTime(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
