/** The screen in a real pseudo-terminal. */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { bin, cat, coffee, newFolder, scream, start, tiny, wave } from './program.js';
import { open, openCommand } from './terminal.js';

it('shows a painting, answers keys at once, and gives the terminal back', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const args = [
    'watch',
    inbox,
    '--styles',
    `${wave},${scream}`,
    '--size',
    '256',
    '--iterations',
    '500',
    '--threads',
    '1',
  ];
  const { press, resize, until, exited, output, text, screen } = open(args, 80, 24);
  await until(/style relu5_1/);
  await until(/▄/);
  press('\t');
  await until(/▸tv/);
  press('\t');
  await until(/▸great-wave 0\.50/);
  press('+');
  await until(/▸great-wave 0\.55.*the-scream 0\.45/);
  press(' ');
  await until(/PAUSED/);
  press('s');
  await until(/Snapshot saved/);
  // All pictures beside each other, the picture alone, what happened; on a small screen the picture, then the losses.
  resize(140, 50);
  await until(/great-wave 0\.55\n[\s\S]*the-scream 0\.45\n/);
  press('v');
  await until(/v back/);
  expect(text()).not.toContain('waiting');
  press('vl');
  await until(/What happened\n[\s\S]*\d\d:\d\d:\d\d {2}cat\.jpg: painting/);
  press('l');
  resize(60, 20);
  await until(/x losses/);
  press('x');
  await until(/style relu5_1/);
  expect(screen.text().filter((line) => /style relu5_1/.test(line))).toHaveLength(1);
  press(' ');
  press('q');
  await until(/Quit\?/);
  press('y');
  expect(await exited).toBe(0);
  expect(output()).toContain('\x1b[?1049h');
  const [, afterwards] = output().split('\x1b[?1049l\x1b[?25h');
  expect(afterwards).toMatch(/1 is left: it goes on when the same command is started again\.\r\n$/);
  expect(output()).not.toContain('\x1b[3J');
  expect((await readdir(join(inbox, 'stylized'))).some((name) => /^cat\.at-\d+\.jpg$/.test(name))).toBe(true);
});

it('shows every style of every layer, and a painting led by hand repeats byte for byte', async () => {
  const folder = await newFolder();
  const [first, again] = ['first.png', 'again.png'].map((name) => join(folder, name));
  const painting = [
    '--styles',
    wave,
    scream,
    '--style-loss',
    'gram',
    '--style-weight',
    '5000',
    '--size',
    '128',
  ];
  const flags = [...painting, '--iterations', '400', '--scales', '1'];
  const { press, until, exited, text } = open(['run', '--content', cat, ...flags, '--output', first], 80, 24);
  await until(/style relu5_1/);
  press('t');
  await until(/relu5_1 +\S*\d/);
  await until(/gre.*all/);
  press('+');
  await until(/▸style 5\.50k/);
  press('\t\t-');
  await until(/▸great-wave 0\.45/);
  press('t');
  // Until the new weights have counted.
  const count = () => Number(/(\d+)\/\d{3}/.exec(text())![1]);
  const moreSteps = async () => {
    const before = count();
    while (count() < before + 3) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await moreSteps();
  press(':relu1_1 0.6\r');
  press(']');
  await until(/\d\/410/);
  await moreSteps();
  press('r');
  // The steps so far, and as many as there were to be.
  await until(/\d\/4(1[1-9]|[2-9]\d)/);
  await moreSteps();
  press('aa');
  expect(await exited).toBe(0);
  const recipe = await readProvenance(first);
  expect(recipe.history.length).toBeGreaterThan(0);
  const weights = recipe.history.flatMap((change) => change.weights ?? []).at(-1);
  expect(weights).toMatchObject({ style: 5500, blend: [0.45, 0.55], styleLayers: { relu1_1: 0.6 } });
  expect(recipe.history).toContainEqual(expect.objectContaining({ iterations: 410 }));
  expect(recipe.history).toContainEqual(expect.objectContaining({ again: true }));
  expect(recipe.iterations).toBeLessThan(recipe.history.find(({ again }) => again)!.iteration + 400);
  expect((await start('run', '--from', first, '--output', again)).exitCode).toBe(0);
  expect((await readFile(again)).equals(await readFile(first))).toBe(true);
});

it('shows a line for every slot, and the other picture with e', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  await copyFile(coffee, join(inbox, 'coffee.jpg'));
  const flags = ['--size', '96', '--iterations', '5000', '--scales', '1', '--slots', '2', '--threads', '1'];
  const { press, until, exited, text } = open(['watch', inbox, '--styles', wave, ...flags], 80, 24);
  // Which of the two comes first is the folder's business.
  await until(/▸1 (cat|coffee)\.jpg.*\d+\/5000.* left/);
  await until(/ 2 (cat|coffee)\.jpg.*\d+\/5000.* left/);
  await until(/e other/);
  const [, second] = text().match(/ 2 (cat|coffee)\.jpg/)!;
  press('e');
  await until(new RegExp(`▸2 ${second}\\.jpg`));
  await until(new RegExp(`${second}\\.jpg → ${second}\\.jpg`));
  press(' ');
  await until(new RegExp(`▸2 ${second}\\.jpg.*PAUSED`));
  // The first goes on meanwhile.
  const firstAt = () => Number(/ 1 \w+\.jpg.*?(\d+)\/5000/.exec(text())![1]);
  const count = firstAt();
  while (firstAt() <= count) await new Promise((resolve) => setTimeout(resolve, 20));
  press('1');
  await until(/▸1 \w+\.jpg/);
  press('q');
  await until(/Quit\? 2 pictures/);
  press('y');
  expect(await exited).toBe(0);
});

it('ends with 130 on Ctrl-C, and shows no color under NO_COLOR', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const args = ['watch', inbox, '--styles', wave, '--size', '96', '--iterations', '900', '--threads', '1'];
  const { press, until, exited, output } = open(args, 60, 20, { NO_COLOR: '1' });
  await until(/no picture yet|[@%#*+]{3}/);
  press('x');
  await until(/style relu5_1/);
  press('\x03');
  expect(await exited).toBe(130);
  // Color codes: 30–37, 38, 90–97. Bold, dim and cursor movement are welcome.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  expect(output()).not.toMatch(/\x1b\[(3[0-8]|9[0-7])[;m]/);
});

it('takes back what cannot be reverted, adds a style, and paints on as flags say', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const flags = ['--styles', wave, '--size', '64', '--iterations', '5000', '--scales', '1', '--threads', '1'];
  const { press, until, exited, text } = open(['watch', inbox, ...flags], 80, 24);
  await until(/[1-9]\d*\/5000/);
  press('n');
  await until(/Dropping cat\.jpg {2}u keep it {2}n now/);
  press('u');
  await until(/cat\.jpg goes on\./);
  press('p');
  await until(/▸great-wave[\s\S]*Hokusai/);
  press('scream');
  await until(/▸the-scream[\s\S]*Munch/);
  press('\x1b[D');
  await until(/share 0\.90, beside great-wave 0\.10/);
  press('\r');
  await until(/cat\.jpg starts over with the-scream 0\.90 {2}u keep it/);
  // Some steps, so that the next start is told apart by its 0.
  await until(/[1-9]\d*\/5000[\s\S]*great-wave 0\.10 {3}the-scream 0\.90/);
  // A preset of 1024 pixels and 60 iterations, where flags say otherwise. A pause stays one.
  press(' ');
  await until(/PAUSED/);
  press('p');
  await until(/A style for this picture/);
  press('best\r');
  await until(/starts over with best/);
  press('p');
  await until(/A style for this picture/);
  press('best\r');
  await until(/painted anew with best/);
  await until(/ 0\/5000 {2}PAUSED/);
  press(' ');
  await until(/64×\d+ {2}scale 1\/1[\s\S]*[1-9]\d*\/5000/);
  expect(text()).toMatch(/great-wave 0\.10 {3}the-scream 0\.90/);
  press('Qqy');
  expect(await exited).toBe(0);
});

it('has no screen with TERM=dumb', async () => {
  const inbox = await newFolder();
  const { until, press, exited, output } = open(['watch', inbox, '--styles', wave], 80, 24, { TERM: 'dumb' });
  await until(/waiting for pictures/);
  press('\x03');
  expect(await exited).toBe(130);
  expect(output()).not.toContain('\x1b[?1049h');
});

const long = ['--styles', wave, '--size', '96', '--iterations', '5000', '--scales', '1', '--threads', '1'];

it('stops on Ctrl-Z, gives the shell its terminal, and comes back whole', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const shell = ['bash', '--norc', '--noprofile', '-i'];
  const { press, until, exited, output } = openCommand(shell, 80, 24, { PS1: '$ ' });
  press(`${['node', bin, 'watch', inbox, ...long].join(' ')}\r`);
  await until(/style relu5_1/);
  press('\x1a');
  await until(/Stopped/);
  const stopped = output().length;
  // As people see what they type; each process of the program is stopped.
  press('stty -a | grep -o -- "-*icanon"; ps -o stat= -p $(jobs -p) | cut -c1; echo so $((6*7))\r');
  await until(/icanon\n\s*T\n\s*so 42/);
  expect(output().slice(0, stopped)).toContain('\x1b[?1049l\x1b[?25h');
  press('fg\r');
  await until(/style relu5_1/);
  expect(output().slice(stopped)).toContain('\x1b[?1049h');
  press('qy');
  await until(/\[\?1049l[\s\S]*\$ $/, () => output().slice(stopped));
  press('exit\r');
  expect(await exited).toBe(0);
});

it('gives the terminal back when the program itself fails', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const fault = `data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('a fault')})`;
  const args = ['watch', inbox, ...long];
  const { pid, until, exited, output } = openCommand(['node', '--import', fault, bin, ...args], 80, 24);
  await until(/style relu5_1/);
  process.kill(pid, 'SIGUSR2');
  expect(await exited).toBe(1);
  const at = output().lastIndexOf('\x1b[?1049l\x1b[?25h');
  expect(at).toBeGreaterThan(0);
  expect(output().slice(at)).toContain('a fault');
});

it('queues a photo whose path is pasted, and takes no other pasted text for keys', async () => {
  const inbox = await newFolder();
  const elsewhere = join(await newFolder(), 'my cat.jpg');
  await copyFile(cat, elsewhere);
  const { press, until, exited, output } = open(['watch', inbox, '--styles', wave, ...tiny], 80, 24);
  await until(/Waiting for pictures/);
  const paste = (text: string) => press(`\x1b[200~${text}\x1b[201~`);
  paste('quit? y\r');
  paste('/nowhere/cat.jpg');
  await until(/\/nowhere\/cat\.jpg: there is no such file/);
  paste(`'${elsewhere}'`);
  const painted = async () => expect(await readdir(join(inbox, 'stylized'))).toContain('my cat.jpg');
  await vi.waitFor(painted, { timeout: 120_000 });
  await until(/Waiting for pictures/);
  press('q');
  expect(await exited).toBe(0);
  // What is pasted into the shell afterwards must not be marked.
  const [on, off] = ['\x1b[?2004h', '\x1b[?2004l'].map((mode) => output().lastIndexOf(mode));
  expect(on).toBeGreaterThan(0);
  expect(off).toBeGreaterThan(on);
});

it('shows each photo of the demo beside its painting, with the name of its file', async () => {
  const folder = await newFolder();
  const args = ['demo', '--size', '64', '--iterations', '1', '--no-tui', '--output', folder];
  // The shell keeps the terminal open, so that the end is not lost.
  const shell = ['sh', '-c', '"$@"; echo "ended $?"; read line', 'sh', 'node', bin];
  const { press, exited, output, until } = openCommand([...shell, ...args], 100, 40);
  await until(/ended 0/, output);
  press('\r');
  await exited;
  const [, shown] = output().split(/Painted 3 pictures.*/);
  const lines = shown.split('\r\n');
  for (const name of ['cat.jpg', 'coffee.jpg', 'rocket.jpg']) {
    expect(lines.find((line) => line.startsWith(name))).toMatch(new RegExp(`^${name} {2,}${name}$`));
    expect(shown).toContain(`${basename(folder)}/${name}`);
  }
  // Photo and painting in one row of blocks.
  expect(lines.find((line) => line.includes('▄'))!.split('▄').length).toBeGreaterThan(40);
});
