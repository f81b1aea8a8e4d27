/** Videos, with the real ffmpeg. Where it is missing these tests are skipped, unless STYLIZE_TUI_TEST_SERVERS names it. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newFolder, shallow, start, startWith, wave } from './program.js';

const hasFfmpeg = await execa('ffmpeg', ['-version']).then(
  () => true,
  () => false,
);
if (!hasFfmpeg) {
  if (process.env.STYLIZE_TUI_TEST_SERVERS?.includes('ffmpeg')) throw new Error('ffmpeg is not installed.');
  console.warn('Skipped the tests of videos: ffmpeg is not installed.');
}

const look = ['--styles', wave, '--size', '64', '--iterations', '2', '--threads', '1', ...shallow];

let folder: string;
const at = (name: string) => join(folder, name);
const paint = (input: string, output: string, ...flags: string[]) =>
  start('video', at(input), at(output), ...look, ...flags);

/** Makes a video of a test picture in motion. */
const make = (name: string, ...args: string[]) => execa('ffmpeg', ['-v', 'error', ...args, at(name)]);
const picture = (size: string, rate = 4, seconds = 1) => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=1'];

interface Stream {
  [name: string]: unknown;
}
async function streamsOf(
  name: string,
): Promise<{ video: Stream; audio?: Stream; tags: Record<string, string> }> {
  const { stdout } = await execa('ffprobe', [
    ...['-v', 'error', '-print_format', 'json', '-count_frames', '-show_streams', '-show_format', at(name)],
  ]);
  const { streams, format } = JSON.parse(stdout);
  const kind = (type: string) => streams.find((stream: Stream) => stream.codec_type === type);
  return { video: kind('video'), audio: kind('audio'), tags: format.tags };
}

/** A checksum of the sound as it is in the file. */
const soundOf = async (name: string) =>
  (await execa('ffmpeg', ['-v', 'error', '-i', at(name), '-map', '0:a', '-c', 'copy', '-f', 'md5', '-']))
    .stdout;

describe.skipIf(!hasFfmpeg)('video', () => {
  beforeAll(async () => {
    folder = await newFolder();
    await make('a.mp4', ...picture('97x65'), ...sound, '-pix_fmt', 'yuv444p', '-metadata', 'title=A clip');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is painted at the same rate, with its sound, and leaves no frames', async () => {
    const original = await readFile(at('a.mp4'));
    const { exitCode, stdout } = await paint('a.mp4', 'b.mp4');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/b\.mp4: 4 frames, 1\.0 seconds\.$/);
    const { video, tags } = await streamsOf('b.mp4');
    expect(video).toMatchObject({
      ...{ codec_name: 'h264', pix_fmt: 'yuv420p', color_space: 'bt709', color_range: 'tv' },
      ...{ width: 64, height: 42, r_frame_rate: '4/1', nb_read_frames: '4' },
    });
    expect(tags.title).toBe('A clip');
    expect(await soundOf('b.mp4')).toBe(await soundOf('a.mp4'));
    expect(existsSync(at('b.mp4.frames'))).toBe(false);
    expect(await readFile(at('a.mp4'))).toEqual(original);

    const again = await paint('a.mp4', 'b.mp4');
    expect(again.stderr).toMatch(
      /b\.mp4: the file already exists\. Choose another name, or pass --overwrite\./,
    );
    expect(again.exitCode).toBe(2);
    expect((await paint('a.mp4', 'a.mp4', '--overwrite')).stderr).toMatch(/would replace the original/);
  });

  it('is upright, has a constant rate, and only the part that was asked for', async () => {
    // Two frames a second, then four: shown for different times.
    await make('slow.mp4', ...picture('96x64', 2));
    await make('fast.mp4', ...picture('96x64', 8));
    await writeFile(at('list'), "file 'slow.mp4'\nfile 'fast.mp4'\n");
    await make('variable.mp4', '-f', 'concat', '-i', at('list'), '-c', 'copy');
    await make('turned.mp4', '-i', at('variable.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90');
    const { exitCode, stderr } = await paint(
      'turned.mp4',
      'c.mp4',
      '--from',
      '0.5',
      '--to',
      '1.5',
      '--fps',
      '4',
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/shown for different times; the painted video has 4\.00 a second throughout/);
    const { video, audio } = await streamsOf('c.mp4');
    expect(video).toMatchObject({ width: 42, height: 64, r_frame_rate: '4/1', nb_read_frames: '4' });
    expect(audio).toBeUndefined();
  });

  it('goes on after it was killed, and not with other frames', async () => {
    const slowly = [...look, '--iterations', '60', '--scales', '1'];
    const program = startWith({ detached: true }, 'video', at('a.mp4'), at('d.mp4'), ...slowly);
    const outbox = async () =>
      (await readdir(at('d.mp4.frames')).catch(() => [])).find((name) => name.startsWith('painted-'));
    const painted = async () => {
      const name = await outbox();
      return name
        ? (await readdir(at(join('d.mp4.frames', name)))).filter((file) => /^frame/.test(file))
        : [];
    };
    while ((await painted()).length === 0) await sleep(50);
    process.kill(-program.pid!, 'SIGKILL');
    await program;
    expect(existsSync(at('d.mp4'))).toBe(false);

    const other = await paint('a.mp4', 'd.mp4', '--fps', '2');
    expect(other.stderr).toMatch(/d\.mp4\.frames: has frames of another video, or with another size/);

    const resumed = await start('video', at('a.mp4'), at('d.mp4'), ...slowly);
    expect(resumed.stdout).toMatch(/frame000001\.png: skipped: already painted/);
    expect((await streamsOf('d.mp4')).video.nb_read_frames).toBe('4');
  });

  it('says what is wrong with a file', async () => {
    await make('sound.mp4', ...sound);
    await writeFile(at('broken.mp4'), (await readFile(at('a.mp4'))).subarray(0, 3000));
    await writeFile(at('text.mp4'), 'no video');
    const refusals = await Promise.all([
      paint('sound.mp4', 'e.mp4'),
      paint('broken.mp4', 'e.mp4'),
      paint('a.mp4', 'e.gif'),
      paint('none.mp4', 'e.mp4'),
      paint('a.mp4', 'e.mp4', '--from', '9'),
    ]);
    expect(refusals.map(({ stderr }) => stderr)).toEqual([
      expect.stringMatching(/sound\.mp4: expected a video, it holds only sound\./),
      expect.stringMatching(/broken\.mp4: cannot be read as a video: /),
      expect.stringMatching(/e\.gif: expected a name that ends with \.mp4, \.mov, \.mkv\./),
      expect.stringMatching(/none\.mp4: there is no such file\./),
      expect.stringMatching(/--from 9: the video ends after 1\.0 seconds\./),
    ]);
    expect(refusals.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
    expect((await readdir(folder)).filter((name) => /^e\./.test(name))).toEqual([]);
  });
});

it('says how to install ffmpeg where it is missing', async () => {
  const empty = await newFolder();
  await writeFile(join(empty, 'a.mp4'), '');
  // Only node is there.
  const { stderr, exitCode } = await execa(
    process.execPath,
    ['bin/stylize-tui.js', 'video', join(empty, 'a.mp4'), join(empty, 'b.mp4'), '--styles', wave],
    { reject: false, env: { PATH: empty } },
  );
  expect(stderr).toMatch(/Videos need ffprobe, which is not there\. Install it: apt install ffmpeg, /);
  expect(exitCode).toBe(2);
  await rm(empty, { recursive: true });
});
