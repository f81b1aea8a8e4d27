/** Keys and commands, on a fake terminal. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { helpFor } from '../../src/tui/help.js';
import { bindingFor, bindings } from '../../src/tui/keymap.js';
import { edit, keysOf } from '../../src/tui/keys.js';
import type { Choice } from '../../src/tui/screen-actions.js';
import { ascii, unicode } from '../../src/util/format.js';
import { done, iteration, ofJob, started, weights } from './events.js';
import { choices, show } from './terminal.js';

const enter = '\r';
const esc = '\x1b';
const shiftUp = '\x1b[1;2A';
const ctrlR = '\x12';

const queued = (job: number): PaintEvent => ({ event: 'queued', ...ofJob(job) });
const failed = (job: number): PaintEvent => ({ event: 'failed', ...ofJob(job), reason: 'it is empty' });

async function painting(columns = 80, rows = 24) {
  const screen = show(columns, rows);
  await screen.tell(started(1), iteration(1, 3));
  return {
    ...screen,
    text: () => screen.lines().join('\n'),
    /** The changes sent to the painting process. */
    changes: () =>
      screen.sent.flatMap((message) => {
        if (message.type !== 'change') return [];
        const { type, job, number, ...change } = message;
        return [change as object];
      }),
    type: async (...keys: string[]) => {
      for (const key of keys) await screen.press(key);
    },
  };
}

describe('changing a painting', () => {
  it('is fine and coarse, and by number', async () => {
    const { type, changes, text, close } = await painting();
    await type('+', '-', '>', '<', shiftUp, enter, '9k', enter);
    expect(changes().map((change) => (change as { weights: typeof weights }).weights.style)).toEqual([
      5500, 5000, 10_000, 5000, 10_000, 9000,
    ]);
    expect(text()).toContain('▸style 9.00k');
    expect(text()).toContain('style 10000 → 9000  u undo  w for the rest');
    // A wrong number can be corrected, or given up.
    await type(enter, 'many', enter);
    expect(text()).toContain('style = many');
    expect(text()).toContain('many: expected a number such as 12, 0.5, 9k or 1e-5.');
    await type('\x15', '8');
    expect(text()).not.toContain('expected a number');
    await type(esc);
    expect(changes()).toHaveLength(6);
    await type(':', 'tv 1e-5', enter);
    expect(changes()[6]).toMatchObject({ weights: { tv: 1e-5 } });
    expect(text()).toContain('tv 1.0e-5');
    close();
  });

  it('is taken back and made again, step by step, and reset', async () => {
    const { type, changes, text, tell, close } = await painting();
    await type('+', ']', '\t', '<');
    expect(text()).toMatch(/style 5\.50k {2,}▸tv 50\.0/);
    expect(text()).toContain('/140');
    await type('u', 'u', 'u');
    expect(text()).toMatch(/style 5\.00k {2,}▸tv 100/);
    expect(text()).toContain('/130');
    await type('u');
    expect(text()).toContain('There is no change to take back.');
    await type(ctrlR);
    expect(text()).toContain('style 5000 → 5500  u undo');
    await type(ctrlR);
    expect(changes().at(-1)).toEqual({ iterations: 140 });
    // A new change clears the redo stack.
    await type('+', ctrlR);
    expect(text()).toContain('No change was taken back.');
    await type('0');
    expect(text()).toContain('▸tv 100');
    // Events from before the latest change are stale.
    const sent = changes().length;
    for (const change of [undefined, 1, sent - 1]) {
      await tell({ ...iteration(1, 90), change } as PaintEvent);
      expect(text()).toContain('style 5.50k');
    }
    // This one echoes the latest change, so its values apply, whatever its iteration.
    await tell({ ...iteration(1, 4), change: sent } as PaintEvent);
    expect(text()).toContain('style 5.00k');
    close();
  });

  it('is in the log, in one line for a key that is held down', async () => {
    const { type, changes, text, tell, close } = await painting();
    await type('++', '+', '\t', '<', 'l');
    expect(text()).toMatch(/photo-1\.jpg: style 5000 → 6655\n.*photo-1\.jpg: tv 100 → 50\n/);
    expect(text()).not.toContain('5500');
    await type(esc, ':iterations 1\r');
    expect(text()).toContain('iterations 130 → 3 ');
    const sent = changes().length;
    await type('[');
    expect(text()).toContain('3 iterations are done; there can be no fewer.');
    // A single style has no share to change.
    await tell({ ...started(1), styles: ['/s/wave.jpg'], weights: { ...weights, blend: [1] } } as PaintEvent);
    await type('\t', '-');
    expect(text()).toContain('wave is the only style.');
    expect(changes()).toHaveLength(sent);
    close();
  });

  it('reaches every layer', async () => {
    const { type, changes, text, close } = await painting();
    await type('\t\t\t\t');
    await type(enter, '2', enter);
    expect(text()).toContain('▸relu1_1 2.00');
    expect(changes()).toEqual([{ weights: { ...weights, styleLayers: { relu1_1: 2, relu2_1: 0.5 } } }]);
    close();
  });

  it('goes on from here, or for all that follow', async () => {
    const { type, changes, asked, text, close } = await painting();
    await type('>', 'r');
    expect(changes().at(-1)).toEqual({ again: true });
    expect(text()).toContain('photo-1.jpg: painted again from here, with these weights.');
    await type('w');
    expect(asked).toEqual([['follow like', 1, { weights: { ...weights, style: 10_000 }, iterations: 130 }]]);
    expect(text()).toContain('What follows is painted as photo-1.jpg is now.');
    close();
  });
});

describe('the command line', () => {
  it('does what keys do, and sets any weight', async () => {
    const { type, changes, text, sent, close } = await painting();
    await type(':', 'content 10', enter, ':blend 1,3\r', ':iter 300\r', ':the-scream 0.5\r', ':pause\r');
    expect(changes()).toEqual([
      { weights: { ...weights, content: 10 } },
      { weights: { ...weights, content: 10, blend: [0.25, 0.75] } },
      { iterations: 300 },
      { weights: { ...weights, content: 10, blend: [0.5, 0.5] } },
    ]);
    expect(sent.at(-1)!.type).toBe('pause');
    for (const [command, answer] of [
      [':nonsense', 'There is no command nonsense; ? lists them.'],
      [':s 3', /s: which of slot, set/],
      [':iterations', 'iterations: expected iterations NUMBER.'],
      [':blend 1', 'blend: expected 2 numbers, one for each style.'],
      [':the-scream 7', '7: a blend is a share, from 0 to 1.'],
    ] as const) {
      await type(command, enter);
      expect(text()).toMatch(answer);
      // What was typed is still there.
      expect(text()).toContain(`${command} `.trimEnd());
      await type(esc);
    }
    expect(changes()).toHaveLength(4);
    close();
  });

  it('completes names', async () => {
    const { type, text, sent, close } = await painting();
    await type(':', 'sn', '\t');
    expect(text()).toMatch(/^:snapshot *$/m);
    await type(enter);
    expect(sent.at(-1)!.type).toBe('snapshot');
    await type(':', 's', '\t');
    expect(text()).toMatch(/^tab {2}slot {2}set {2}shorter/m);
    await type('\x7f', '\x7f');
    expect(text()).toContain('q quit');
    close();
  });

  it('knows every action of the key table', () => {
    const names = bindings.map(({ action }) => action);
    expect(new Set(names).size).toBe(names.length);
    // Fits into 80 columns.
    for (const { help } of helpFor('')) expect(help.length, help).toBeLessThanOrEqual(69);
  });
});

describe('the queue', () => {
  it('is gone through, put in order, and dropped from', async () => {
    const { type, tell, text, asked, lines, close } = await painting();
    await tell(queued(2), queued(3), queued(4), failed(9), done(8));
    await type('Q');
    const order = () =>
      lines().flatMap((line) => line.match(/(?<=^[ ▸](?:waiting|done|failed) +)photo-\d/) ?? []);
    expect(order()).toEqual(['photo-2', 'photo-3', 'photo-4', 'photo-8', 'photo-9']);
    // What is being painted comes first, and has no place that could change.
    expect(text()).toContain('▸painting photo-1.jpg  3/130  1:10 left');
    await type('D');
    expect(text()).toContain('photo-1.jpg is being painted.');
    await type('j', 'j', 'K');
    expect(order().slice(0, 3)).toEqual(['photo-3', 'photo-2', 'photo-4']);
    await type('J', 'J', 'F');
    expect(order().slice(0, 3)).toEqual(['photo-3', 'photo-2', 'photo-4']);
    expect(lines().find((line) => line.includes('▸'))).toContain('photo-3');
    await type('D');
    expect(asked).toEqual([
      ['move', 3, -1],
      ['move', 3, 1],
      ['move', 3, 1],
      ['move', 3, null],
    ]);
    // The next row is chosen.
    expect(lines().find((line) => line.includes('▸'))).toContain('photo-2');
    await tell({ event: 'skipped', ...ofJob(3), reason: 'skipped by hand' });
    expect(text()).toContain('waiting 2');
    close();
  });

  it('pauses one of several inboxes, and resumes it', async () => {
    const { type, tell, text, lines, asked, store, actions, close } = await painting();
    await type('Q', 'I');
    expect(text()).toContain('Only one of several inboxes can be paused; space pauses a picture.');
    await type(esc);
    const [phone, camera] = ['phone', 'camera'].map((name) => ({ name, folder: `/${name}` }));
    store.act({ type: 'inboxes', inboxes: [phone, camera] });
    const from = (job: number, inbox: string): PaintEvent => ({
      event: 'queued',
      ...ofJob(job, `/${inbox}/a.jpg`),
    });
    await tell(from(2, 'phone'), from(3, 'camera'), { ...failed(4), ...ofJob(4, '/camera/b.jpg') });
    // It is a key of the queue, where the pictures are chosen.
    await type('I');
    expect(text()).toContain('I (pause inbox) works in the queue; Q opens it.');
    await type('Q');
    const rows = () => lines().flatMap((line) => /^[ ▸](held|waiting|failed) +(\S+)/.exec(line)?.[0] ?? []);
    expect(rows()).toEqual([' waiting  phone/a.jpg', ' waiting  camera/a.jpg', ' failed   camera/b.jpg:']);
    await type('j', 'I');
    expect(asked.at(-1)).toEqual(['hold', [phone]]);
    expect(rows().slice(0, 2)).toEqual(['▸held     phone/a.jpg', ' waiting  camera/a.jpg']);
    expect(text()).toContain('phone is paused; I in the queue resumes it.');
    expect(text()).toContain('I resume inbox');
    // A picture that is held can be moved like others.
    await type('J');
    expect(asked.at(-1)).toEqual(['move', 2, 1]);
    // Of a finished picture too, or by name, wherever one is.
    await type('j', 'I', esc, ':', 'inbox phone', enter);
    expect(asked.slice(-2)).toEqual([
      ['hold', [phone, camera]],
      ['hold', [camera]],
    ]);
    expect(text()).toContain('phone goes on.');
    // Below the painting, what is next comes first.
    expect(text()).toMatch(/^waiting +phone\/a\.jpg/m);
    await type(':', 'inbox disk', enter);
    expect(text()).toContain('There is no inbox disk: type :inbox and phone or camera.');
    await type(esc, ':', 'inbox phone', enter);
    // The end of the picture takes the message away, not the reminder; then it is clear why nothing is painted.
    await tell(done(1));
    expect(text()).toContain('2 pictures are held');
    expect(text()).toContain('camera, phone are paused; I in the queue resumes them.');
    // Other machines paint from a shared queue, whatever is paused here.
    actions.queue.hold = undefined;
    await type('Q', 'I');
    expect(text()).toContain('With --queue, no inbox pauses alone; stylize-tui queue pause pauses them all.');
    close();
  });

  it('tries again what failed, and tells all about it', async () => {
    const { type, tell, text, asked, close } = await painting();
    await tell(queued(2), failed(3), failed(4));
    await type('Q', 'R');
    expect(text()).toContain('Trying all 2 that failed again  u do not  R now');
    await type('u');
    expect(text()).toContain('Nothing is tried again.');
    expect(asked).toEqual([]);
    await type('R', 'R');
    expect(asked).toEqual([['retry', [4, 3]]]);
    await type('k', 'R', 'R');
    expect(asked.at(-1)).toEqual(['retry', [3]]);
    await tell(queued(3));
    expect(text()).toMatch(/waiting 2 .* failed 1 /);
    await type(enter);
    for (const part of ['photo-1.jpg', 'reason', 'it is empty', '1:01', 'style relu1_1', '2.00'])
      expect(text()).toContain(part);
    await type(esc);
    expect(text()).toContain('waiting 2');
    close();
  });

  it('is gone through by pages and to its ends, and always says the way back', async () => {
    const { type, tell, text, lines, resize, close } = await painting();
    await tell(...Array.from({ length: 40 }, (_, i) => queued(i + 2)));
    await type('Q');
    const chosen = () => lines().find((line) => line.startsWith('▸'))!;
    const [home, end, pageUp, pageDown] = ['\x1b[H', '\x1b[F', '\x1b[5~', '\x1b[6~'];
    await type(end);
    expect(chosen()).toContain('photo-41.jpg');
    await type(pageUp);
    expect(chosen()).toContain('photo-31.jpg');
    await type(home, pageDown);
    expect(chosen()).toContain('photo-11.jpg');
    await type(pageDown, pageDown, pageDown, pageDown);
    expect(chosen()).toContain('photo-41.jpg');
    for (const [columns, rows] of [
      [50, 16],
      [60, 20],
      [140, 50],
    ]) {
      await resize(columns, rows);
      expect(lines().at(-1)).toMatch(/esc back {2}\? help {2}q quit$/);
    }
    await type('/', '4', enter);
    expect(lines().at(-1)).toMatch(/esc show all {2}\? help {2}q quit$/);
    await type(esc, esc, 'l');
    expect(lines().at(-1)).toMatch(/esc back {2}\? help {2}q quit$/);
    expect(text()).toContain('What happened');
    close();
  });

  it('counts a picture once, however often it is tried', async () => {
    const { tell, text, close } = await painting();
    await tell(failed(2), failed(2), queued(2), failed(2), { ...failed(3) }, queued(3), done(3));
    expect(text()).toMatch(/done 1 {3}failed 1 {3}skipped 0/);
    close();
  });

  it('opens finished paintings and their folders, and copies their paths', async () => {
    const { type, tell, text, asked, close } = await painting();
    await type('o');
    expect(text()).toContain('No painting is finished yet.');
    await tell(done(8), done(9), queued(2));
    // On the painting: the latest.
    await type('o');
    expect(text()).toContain('Opening photo-9.jpg');
    await type('Q', 'o');
    expect(text()).toContain('photo-1.jpg is not painted yet.');
    await type('j', 'j', 'j', 'O', 'y');
    expect(text()).toContain('Copied /out/photo-8.jpg');
    expect(asked).toEqual([
      ['open', '/out/photo-9.jpg'],
      ['open', '/out'],
      ['copy', '/out/photo-8.jpg'],
    ]);
    close();
  });

  it('is filtered', async () => {
    const { type, tell, text, close } = await painting();
    await tell(queued(2), queued(13), queued(23));
    await type('/', '3');
    expect(text()).not.toContain('photo-2.jpg');
    expect(text()).toContain('photo-13.jpg');
    await type('\x7f', '23', enter);
    expect(text()).not.toContain('photo-13.jpg');
    await type(esc);
    expect(text()).toContain('photo-13.jpg');
    await type(esc);
    expect(text()).toContain('content relu4_2');
    close();
  });
});

describe('what cannot be reverted', () => {
  it('is taken back by u, the latest first', async () => {
    const { type, tell, text, sent, asked, close } = await painting();
    await tell(queued(2), queued(3));
    await type('n');
    expect(text()).toContain('Dropping photo-1.jpg  u keep it  n now');
    await type('Q', 'j', 'D', 'D');
    expect(text()).toContain('Taking photo-3.jpg out of the queue  u keep it');
    await type('u');
    expect(text()).toContain('Taking photo-2.jpg out of the queue  u keep it');
    await type('u');
    expect(text()).toContain('Dropping photo-1.jpg');
    await type('u');
    expect(text()).toContain('photo-1.jpg goes on.');
    expect([sent, asked]).toEqual([[], []]);
    close();
  });

  it('is done after a while, or at once by the same key, and of two keys the later one counts', async () => {
    const screen = show(80, 24, unicode, {}, false, 200);
    await screen.tell(started(1), iteration(1, 3), queued(2));
    await screen.press('a');
    expect(screen.sent).toEqual([]);
    await screen.press('nn');
    expect(screen.sent).toEqual([{ job: 1, type: 'skip' }]);
    await screen.press('QjD');
    await vi.waitFor(() => expect(screen.asked).toEqual([['drop', 2]]));
    // The message that offered to take it back is gone.
    expect(screen.lines().join('\n')).not.toContain('u keep it');
    expect(screen.sent).toHaveLength(1);
    screen.close();
  });

  it('lapses when the picture ends by itself, and is not for what is not painted', async () => {
    const { type, tell, text, sent, close } = await painting();
    await type('n');
    await tell(done(1));
    expect(text()).not.toContain('Dropping');
    await tell(started(2));
    await type('a');
    expect(text()).toContain('Nothing is painted yet. n drops it.');
    expect(sent).toEqual([]);
    close();
  });

  it('is done to a picture whose turn came meanwhile, and when the program is quit', async () => {
    const { type, tell, sent, asked, quits, close } = await painting();
    await tell(queued(2), queued(3));
    await type('Q', 'j', 'D', 'D', 'Q', 'n');
    await tell(done(1), started(2));
    await type('q', 'y');
    // The drop of a painting lapses: watch resumes it, or the question has said otherwise.
    expect([sent, asked, quits]).toEqual([[{ job: 2, type: 'skip' }], [['drop', 3]], ['stop']]);
    close();
  });
});

describe('styles', () => {
  const [left, up] = ['\x1b[D', '\x1b[A'];

  it('are chosen for this picture or for what follows', async () => {
    const { type, asked, text, close } = await painting();
    await type('p');
    expect(text()).toMatch(/^presets[\s\S]*^▸great-wave[\s\S]*^paintings/m);
    expect(text()).toContain('style weight 9000');
    await type('\t');
    expect(text()).toContain('A style for what follows');
    await type(enter);
    expect(text()).toContain('What follows is painted with great-wave  u leave it');
    await type('u', 'p', '\t', enter, 'p', '\t', enter);
    await type('p', enter);
    expect(text()).toContain('photo-1.jpg starts over with great-wave  u keep it');
    await type('p', enter);
    expect(asked).toEqual([
      ['follow', choices[0]],
      ['repaint', 1, choices[0], { weights: {} }],
    ]);
    expect(text()).toContain('photo-1.jpg: painted anew with great-wave.');
    close();
  });

  it('that the picture already uses take their share at once', async () => {
    const { type, text, changes, close } = await painting();
    await type('p', up, enter);
    expect(changes()).toEqual([{ weights: { ...weights, blend: [0, 1] } }]);
    expect(text()).toContain('starry-night 0.7 → 0, the-scream 0.3 → 1  u undo');
    await type('u', 'p', 'scream', left.repeat(6));
    expect(text()).toContain('share 0.40, beside starry-night 0.60');
    await type(enter);
    expect(changes().at(-1)).toEqual({ weights: { ...weights, blend: [0.6, 0.4] } });
    await type('p', 'scream', left.repeat(6), enter);
    expect(text()).toContain('photo-1.jpg is painted with the-scream already.');
    close();
  });

  it('are found by a name, by what is known of them, and by any path', async () => {
    const { type, text, asked, changes, close } = await painting();
    const styles = fileURLToPath(new URL('../../presets/styles', import.meta.url));
    await type('p', 'munch');
    expect(text()).toContain('▸the-scream');
    expect(text()).not.toContain('great-wave');
    await type('x');
    expect(text()).toContain('no style has this name');
    // A path is completed, up to where several begin alike.
    await type('\x15', `${styles}/s`);
    await vi.waitFor(() => expect(text()).toContain('▸shipwreck.jpg'));
    expect(text()).toContain('starry-night.jpg');
    await type('t', '\t');
    await vi.waitFor(() => expect(text()).not.toContain('shipwreck'));
    // Numbers that were changed by hand stay, and the styles in use keep their proportions.
    await type(esc, '>', ']', 'p', `${styles}/star`);
    await vi.waitFor(() => expect(text()).toContain('▸starry-night.jpg'));
    await type(left.repeat(5), enter);
    expect(text()).toContain('starts over with starry-night.jpg 0.50; style 10000');
    await type('p', `${styles}/star`);
    await vi.waitFor(() => expect(text()).toContain('▸starry-night.jpg'));
    await type(left.repeat(5), enter);
    const [, job, { settings }, byHand] = asked[0] as [string, number, Choice, object];
    expect([job, byHand]).toEqual([1, { weights: { style: 10_000 }, iterations: 140 }]);
    expect(settings).toEqual({
      styles: ['/s/starry-night.jpg', '/s/the-scream.jpg', `${styles}/starry-night.jpg`],
      blend: [0.35, 0.15, 0.5],
    });
    expect(changes()).toHaveLength(2);
    close();
  });

  it('are for what follows where nothing is painted', async () => {
    const screen = show(60, 20);
    await screen.press('p');
    expect(screen.lines().join('\n')).toContain('A style for what follows');
    expect(screen.lines().at(-1)).toMatch(/^enter paint .* esc back$/);
    await screen.press('\r');
    await screen.press('p');
    await screen.press('\r');
    expect(screen.asked).toEqual([['follow', choices[0]]]);
    screen.close();
  });
});

describe('a key without a use here', () => {
  it('says where it has one, or why it has none', async () => {
    const { type, text, sent, asked, close } = await painting();
    for (const [key, answer] of [
      ['R', 'R (retry) works in the queue; Q opens it.'],
      ['x', 'Picture and losses are both in view.'],
      ['e', 'Only this picture is being painted.'],
      ['4', 'There is no picture in slot 4.'],
    ]) {
      await type(key);
      expect(text()).toContain(answer);
    }
    await type('Q', 'a');
    expect(text()).toContain('a (accept) works on the painting; esc goes back to it.');
    expect([sent, asked]).toEqual([[], []]);
    close();
  });
});

describe('the help', () => {
  it('is searched by typing', async () => {
    const { type, text, sent, close } = await painting();
    await type('?', 'queue', ' ', 'before');
    expect(text()).toContain('In the queue: Paint it before the previous one.');
    expect(text()).not.toContain('Pause painting');
    await type(esc);
    expect(text()).toContain('content relu4_2');
    expect(sent).toEqual([]);
    close();
  });
});

describe('keys', () => {
  const none = keysOf('a')[0].key;

  it('are told one by one, whatever came together', () => {
    const read = keysOf('a\r\x7f\t\x03').map(({ input, key }) => [
      input,
      ...Object.entries(key).flatMap(([name, is]) => (is ? [name] : [])),
    ]);
    expect(read).toEqual([['a'], ['', 'return'], ['', 'backspace'], ['', 'tab'], ['c', 'ctrl']]);
    expect(keysOf('\x1b[Z')[0].key).toMatchObject({ tab: true, shift: true });
    expect(keysOf('\x1bq')).toMatchObject([{ input: 'q', key: { meta: true } }]);
    // Unknown keys, pasted text, a focus event, and answers of a terminal.
    for (const sequence of [
      '\x1b[1;5P',
      '\x1b[200~',
      '\x1b[I',
      '\x1b[?62;22c',
      '\x1bOP',
      '11;rgb:0000/0000/0000',
    ])
      expect(keysOf(sequence)).toEqual([]);
  });

  it('have one meaning in a pane', () => {
    const char = (input: string, pane: 'painting' | 'queue') => bindingFor(input, none, pane)?.action;
    expect(char('R', 'queue')).toBe('retry');
    expect(char('R', 'painting')).toBeUndefined();
    expect(char('r', 'painting')).toBe('again');
    for (let code = 33; code < 127; code++) {
      const input = String.fromCharCode(code);
      for (const pane of ['painting', 'queue'] as const) {
        const found = bindings.filter((b) => (!b.pane || b.pane === pane) && b.keys.includes(input));
        expect(found.length, `${input} in ${pane}`).toBeLessThanOrEqual(1);
      }
    }
  });

  it('edit a line', () => {
    const edited = (text: string, data: string) => edit(text, keysOf(data)[0]);
    expect(edited('ab', 'c')).toBe('abc');
    expect(edited('añ', '\x7f')).toBe('a');
    expect(edited('blend 0.7 ', '\x17')).toBe('blend ');
    expect(edited('blend', '\x15')).toBe('');
    expect(edited('a', '\x1bx')).toBeUndefined();
    expect(edited('a', '\x1b[A')).toBeUndefined();
  });
});

describe('the gallery', () => {
  const address = 'http://192.0.2.17:8734/abcdefghijklmnop/';
  const open = async (columns: number, rows: number, glyphs = unicode) => {
    const screen = show(columns, rows, glyphs);
    await screen.press('g');
    return screen;
  };

  it('shows its address as a code, whole and with light around it, on every size that has room', async () => {
    for (const [columns, rows] of [
      [60, 20],
      [80, 24],
      [140, 50],
    ]) {
      const { lines, close } = await open(columns, rows);
      const code = lines()
        .flatMap((line) => line.match(/[█▀▄ ]{33}(?= *$)/) ?? [])
        .filter((line) => line.includes('█'));
      // 29 modules and two on each side, two in each cell.
      expect([columns, code.length]).toEqual([columns, 17]);
      expect(code[0]).toBe('█'.repeat(33));
      for (const line of code) expect(line).toMatch(/^[█▀▄]{2}.*[█▀▄]{2}$/);
      expect(lines().join('\n')).toContain(address);
      close();
    }
  });

  it('shows no code to phones that could not open it', async () => {
    const screen = show(60, 20);
    screen.store.act({ type: 'modal', modal: { kind: 'gallery', url: 'http://localhost:8734/' } });
    await screen.until(/localhost:8734/);
    const text = screen.lines().join(' ').replace(/\s+/g, ' ');
    expect(text).toContain('Only this machine can open it. --gallery-host 0.0.0.0 shows it to phones too.');
    expect(text).not.toMatch(/[█▀▄]/);
    screen.close();
  });

  it('shows it as text where there is no room, or no blocks; and goes back', async () => {
    const small = await open(60, 17);
    expect(small.lines().join('\n')).toMatch(/Make the terminal larger[^█]*8734\/abcdefghijklmnop\//);
    await small.press('g');
    expect(small.lines().join('\n')).not.toContain(address);
    small.close();
    const plain = await open(80, 24, ascii);
    const text = plain.lines().join('\n');
    expect(text).toContain(address);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing but ASCII
    expect(text).toMatch(/^[\x00-\x7f]*$/);
    plain.close();
  });
});
