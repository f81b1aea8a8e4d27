/** stylize-tui video: paints a video, frame by frame, as a sequence. */
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { jobStorePath } from '../../app/outbox.js';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import type { Size } from '../../image/picture.js';
import { JobStore } from '../../queue/store.js';
import { contentBounds } from '../../render/inputs.js';
import type { Settings } from '../../settings/settings.js';
import { makeFolder, moveWhole, writeWhole } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { shortPath } from '../../util/format.js';
import { naturalOrder } from '../../util/natural-order.js';
import { say, warn } from '../../util/say.js';
import { type Part, probe, putTogether, takeApart, toNumber, type Video } from '../../video/ffmpeg.js';
import {
  checkContradictions,
  checkRunning,
  checkSequence,
  explicitSettings,
  flag,
  number,
  ownSettings,
  paintingOptions,
  runningOptions,
} from '../flags/options.js';
import { watchFolder } from './watch.js';

interface VideoFlags extends RunningFlags {
  input: string;
  output: string;
  preset?: string[];
  sequence?: boolean;
  from?: number;
  to?: number;
  fps?: number;
  keepFrames: boolean;
  overwrite: boolean;
}

export const videoCommand: CommandModule<object, VideoFlags> = {
  command: 'video <input> <output>',
  describe: 'Paint a video; needs ffmpeg (docs/video.md)',
  builder: (yargs) =>
    runningOptions(paintingOptions(yargs))
      .positional('input', { type: 'string', demandOption: true, describe: 'The video' })
      .positional('output', {
        type: 'string',
        demandOption: true,
        describe: 'The painted video: .mp4, .mov or .mkv',
      })
      .option('from', number('Second of the video at which to begin'))
      .option('to', number('Second of the video at which to end'))
      .option('fps', number("Frames per second (the video's)"))
      .option('keep-frames', flag('Keep the folder with the frames, <output>.frames'))
      .option('overwrite', flag('Replace an existing video'))
      .example('$0 video in.mp4 out.mp4 --style starry-night', '')
      .example('$0 video in.mp4 out.mp4 --from 5 --to 10 --fps 12', '') as unknown as Argv<VideoFlags>,
  handler: async (given) => {
    const flags = { ...given, sequence: given.sequence ?? true };
    checkRunning(flags);
    const explicit = await explicitSettings({ ...flags });
    checkContradictions({ ...flags }, explicit);
    checkSequence(flags, explicit);
    const recipes = new Recipes(explicit, await ownSettings({ ...flags }));
    // Checks styles and settings before anything is written.
    const { hash } = await recipes.of({ settings: {} });
    const [input, output] = [resolve(flags.input), resolve(flags.output)];
    checkFiles(input, output, flags.overwrite);
    const video = await probe(input);
    const part = checkPart(flags, video);
    for (const text of notesOn(video, flags)) warn(text);
    const rate = flags.fps === undefined ? video.rate : String(flags.fps);
    const size = paintedSize(video.size, recipes.flags);
    const work = `${output}.frames`;
    const photos = await framesOf(input, work, { video, part, rate, size });
    const outbox = join(work, `painted-${hash.slice(0, 12)}`);
    await watchFolder({
      title: `video ${shortPath(input)} → ${shortPath(output)}`,
      ...{ inboxes: [photos], outbox, recipes, flags },
      ...{ once: true, force: false, duplicates: 'paint', sidecarLimit: 0 },
      frames: (await readdir(photos)).length,
    });
    const resume = `Its frames are in ${shortPath(work)}; the same command goes on from there.`;
    if (process.exitCode) return warn(resume);
    const frames = await paintingsOf(photos, outbox);
    if (frames.missing > 0)
      warn(`${frames.missing} frames were skipped: the ones before them are shown longer.`);
    await assemble(frames.paths, output, { work, video, rate, part, original: input, flags });
    if (!flags.keepFrames) await rm(work, { recursive: true });
    const seconds = (frames.paths.length / toNumber(rate)).toFixed(1);
    if (!flags.json && !flags.quiet)
      say(`Painted ${shortPath(output)}: ${frames.paths.length} frames, ${seconds} seconds.`);
  },
};

const endings = ['.mp4', '.mov', '.mkv'];

/** @throws UserError unless there is a video to read, and the output may be written */
function checkFiles(input: string, output: string, overwrite: boolean): void {
  const found = lstatSync(input, { throwIfNoEntry: false });
  if (!found) throw new UserError(`${input}: there is no such file.`);
  if (found.isDirectory())
    throw new UserError(
      `${input}: expected a video, got a folder. Frames in a folder: watch --once --sequence.`,
    );
  if (!endings.includes(extname(output).toLowerCase()))
    throw new UserError(`${output}: expected a name that ends with ${endings.join(', ')}.`);
  const there = lstatSync(output, { throwIfNoEntry: false });
  if (!there) return;
  if (there.isDirectory()) throw new UserError(`${output}: is a folder. Choose another name.`);
  if (realpathSync(input) === realpathSync(output))
    throw new UserError(`${output}: would replace the original. Originals are never changed.`);
  if (!overwrite)
    throw new UserError(`${output}: the file already exists. Choose another name, or pass --overwrite.`);
}

/** @throws UserError for a part that the video does not have, or a frame rate that no video has */
function checkPart({ from, to, fps }: VideoFlags, { duration = Number.POSITIVE_INFINITY }: Video): Part {
  for (const [name, value] of Object.entries({ from, to }))
    if (value !== undefined && !(value >= 0))
      throw new UserError(`--${name} ${value}: expected seconds from the beginning of the video.`);
  if (fps !== undefined && !(fps > 0 && fps <= 240))
    throw new UserError(`--fps ${fps}: expected a number of frames per second up to 240.`);
  if ((from ?? 0) >= duration)
    throw new UserError(`--from ${from}: the video ends after ${duration.toFixed(1)} seconds.`);
  if (to !== undefined && to <= (from ?? 0))
    throw new UserError(`--to ${to}: is not after --from ${from ?? 0}.`);
  return { from, to };
}

function notesOn({ isVariable, rate, isHdr, hasSubtitles }: Video, { fps }: VideoFlags): string[] {
  const constant = `Its frames are shown for different times; the painted video has ${(fps ?? toNumber(rate)).toFixed(2)} a second throughout.`;
  return [
    ...(isVariable ? [constant] : []),
    ...(isHdr ? ['It is an HDR video; it is painted as a usual one, so colors may look pale.'] : []),
    ...(hasSubtitles ? ['Its subtitles are not carried over.'] : []),
  ];
}

/** Even, as the format demands. Painting makes no frame larger, unless --width says so. */
function paintedSize({ width, height }: Size, settings: Settings): Size {
  const { longest, width: exact } = { longest: undefined, width: undefined, ...contentBounds(settings) };
  const factor =
    exact === undefined ? Math.min(1, (longest ?? width) / Math.max(width, height)) : exact / width;
  const even = (side: number) => Math.max(2, 2 * Math.round((side * factor) / 2));
  return { width: even(width), height: even(height) };
}

/** Bytes of a pixel in two PNG files, the frame and its painting, as measured; with a reserve. */
const bytesPerPixel = 2 * 2;

interface Frames {
  video: Video;
  part: Part;
  rate: string;
  size: Size;
}

/**
 * The folder with the frames of the video. They are there already if an earlier start was stopped.
 * @throws UserError if the work folder has other frames, or the disk has too little room
 */
async function framesOf(input: string, work: string, { video, part, rate, size }: Frames): Promise<string> {
  const { size: bytes, mtimeMs } = await stat(input);
  const key = JSON.stringify({ input, bytes, mtimeMs, ...part, rate, ...size });
  const keyFile = join(work, 'video.json');
  const photos = join(work, 'photos');
  const before = await readFile(keyFile, 'utf8').catch(() => undefined);
  if (before !== undefined && before !== key)
    throw new UserError(
      `${work}: has frames of another video, or with another size, --from, --to or --fps. Remove it, or choose another name for the output.`,
    );
  if (before === undefined && existsSync(work) && (await readdir(work)).length > 0)
    throw new UserError(`${work}: has other files. Remove it, or choose another name for the output.`);
  if (existsSync(photos)) return photos;
  await makeFolder(work);
  const length = Math.min(part.to ?? Number.POSITIVE_INFINITY, video.duration ?? Number.POSITIVE_INFINITY);
  const count = (length - (part.from ?? 0)) * toNumber(rate);
  const needed = count * size.width * size.height * bytesPerPixel;
  const { bavail, bsize } = await statfs(work);
  if (Number.isFinite(needed) && needed > bavail * bsize)
    throw new UserError(
      `${dirname(work)}: the frames need about ${gigabytes(needed)}, there are ${gigabytes(bavail * bsize)}. Free some space, or paint a part: --from, --to, --fps.`,
    );
  await writeWhole(keyFile, Buffer.from(key), { overwrite: true });
  const incomplete = join(work, 'photos.part');
  await rm(incomplete, { recursive: true, force: true });
  await mkdir(incomplete);
  await takeApart(input, incomplete, { size, rate, part, isUntaggedHd: video.isUntaggedHd });
  if ((await readdir(incomplete)).length === 0) throw new UserError(`${input}: has no frames in this part.`);
  await rename(incomplete, photos);
  return photos;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** The painting of each frame, or of the nearest one that has one. */
async function paintingsOf(photos: string, outbox: string): Promise<{ paths: string[]; missing: number }> {
  const store = new JobStore(jobStorePath(outbox));
  const painted = new Map<string, string>();
  for (const { status, source, output } of store.history.records())
    if (status === 'done' && output && existsSync(output)) painted.set(basename(source), output);
  store.close();
  const names = (await readdir(photos)).sort(naturalOrder);
  let latest = names.map((name) => painted.get(name)).find((path) => path !== undefined);
  if (latest === undefined) throw new UserError(`${outbox}: no frame is painted.`);
  const paths: string[] = [];
  for (const name of names) {
    latest = painted.get(name) ?? latest;
    paths.push(latest);
  }
  return { paths, missing: names.filter((name) => !painted.has(name)).length };
}

interface Assembly {
  work: string;
  video: Video;
  rate: string;
  part: Part;
  original: string;
  flags: VideoFlags;
}

/** Writes the video beside its frames first, so that the output is whole or not there. */
async function assemble(
  paths: readonly string[],
  output: string,
  { work, video, rate, part, original, flags }: Assembly,
): Promise<void> {
  const whole = join(work, `video${extname(output)}`);
  const { stripLocation, overwrite } = flags;
  const write = (soundCodec: string) =>
    putTogether(paths, whole, { rate, original, part, soundCodec, stripLocation });
  await write('copy').catch(async (error: unknown) => {
    if (!(error instanceof UserError) || !video.hasSound) throw error;
    // Not every format can hold every kind of sound.
    await write('aac');
    warn(`Its sound was converted to AAC, since ${extname(output)} cannot hold it as it is.`);
  });
  await moveWhole(whole, output, { overwrite });
}
