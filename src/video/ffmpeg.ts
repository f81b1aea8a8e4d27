/** Takes videos apart into frames and puts frames together to a video, with ffmpeg and ffprobe. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ExecaError, execa } from 'execa';
import { z } from 'zod';
import type { Size } from '../image/picture.js';
import { UserError } from '../util/errors.js';
import { printable } from '../util/format.js';
import { program } from '../util/program.js';

/** What a video file holds. */
export interface Video {
  /** As shown, in pixels: upright, with square pixels. */
  size: Size;
  /** Frames per second, as a fraction such as 30000/1001. */
  rate: string;
  /** Whether frames are shown for different times. */
  isVariable: boolean;
  /** Seconds; undefined if the file does not say. */
  duration?: number;
  hasSound: boolean;
  hasSubtitles: boolean;
  /** Brighter than a usual screen shows. */
  isHdr: boolean;
  /** Whether its colors are to be read as those of HD, where the file does not say. */
  isUntaggedHd: boolean;
}

/** Part of a video, in seconds from its beginning. */
export interface Part {
  from?: number;
  to?: number;
}

const install =
  'Install it: apt install ffmpeg, brew install ffmpeg, winget install ffmpeg, or https://ffmpeg.org.';

const streamSchema = z.object({
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  sample_aspect_ratio: z.string().optional(),
  r_frame_rate: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  duration: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  disposition: z.record(z.string(), z.number()).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ duration: z.string().optional() }).optional(),
});

/** Frame rates that differ by less than this share are the same, rounded by the file's clock. */
const rateTolerance = 0.01;

/** The height from which untagged videos have the colors of HD. */
const hdHeight = 720;

/**
 * Reads what a file holds.
 * @throws UserError if ffmpeg is not installed, or the file holds no pictures that can be decoded
 */
export async function probe(file: string): Promise<Video> {
  const args = ['-v', 'error', '-print_format', 'json', '-show_streams', '-show_format', `file:${file}`];
  const { stdout } = await call('ffprobe', args, `${file}: cannot be read as a video`);
  const { streams, format } = probeSchema.parse(JSON.parse(String(stdout)));
  const isCover = ({ disposition }: z.infer<typeof streamSchema>) => disposition?.attached_pic === 1;
  const stream = streams.find((each) => each.codec_type === 'video' && !isCover(each));
  if (!stream) {
    const what = streams.some(({ codec_type: type }) => type === 'audio') ? 'only sound' : 'no pictures';
    throw new UserError(`${file}: expected a video, it holds ${what}.`);
  }
  const { width = 0, height = 0, codec_name: codec = 'unknown' } = stream;
  if (codec === 'unknown' || width === 0 || height === 0)
    throw new UserError(
      `${file}: its pictures cannot be decoded: they are encrypted, or of an unknown kind.`,
    );
  const rate = toNumber(stream.avg_frame_rate) > 0 ? stream.avg_frame_rate! : (stream.r_frame_rate ?? '');
  if (!(toNumber(rate) > 0))
    throw new UserError(`${file}: its frame rate is unknown. Say how many a second with --fps.`);
  const isVariable = Math.abs(toNumber(stream.r_frame_rate) / toNumber(rate) - 1) > rateTolerance;
  const shape = toNumber(stream.sample_aspect_ratio?.replace(':', '/')) || 1;
  const shown = { width: Math.round(width * shape), height };
  const rotation = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const seconds = Number(stream.duration ?? format?.duration);
  return {
    size: rotation % 180 === 0 ? shown : { width: shown.height, height: shown.width },
    rate: isVariable ? rate : (stream.r_frame_rate ?? rate),
    isVariable,
    duration: seconds > 0 ? seconds : undefined,
    hasSound: streams.some(({ codec_type: type }) => type === 'audio'),
    hasSubtitles: streams.some(({ codec_type: type }) => type === 'subtitle'),
    isHdr: ['smpte2084', 'arib-std-b67'].includes(stream.color_transfer ?? ''),
    isUntaggedHd: [undefined, 'unknown'].includes(stream.color_space) && height >= hdHeight,
  };
}

/** 30000/1001 → 29.97; 0 if it is no number. */
export function toNumber(fraction = ''): number {
  const [over, under = '1'] = fraction.split('/');
  const value = Number(over) / Number(under);
  return Number.isFinite(value) ? value : 0;
}

/**
 * Writes the frames of a video as PNG files, frame000001.png and so on.
 * @param folder that exists
 * @param rate frames per second
 * @throws UserError if the video cannot be decoded
 */
export async function takeApart(
  file: string,
  folder: string,
  { size, rate, part, isUntaggedHd }: { size: Size; rate: string; part: Part; isUntaggedHd: boolean },
): Promise<void> {
  const matrix = isUntaggedHd ? ':in_color_matrix=bt709' : '';
  const filter = `fps=${rate},scale=${size.width}:${size.height}:flags=lanczos${matrix},setsar=1`;
  const args = ['-v', 'error', '-nostdin', ...between(part), '-i', `file:${file}`, '-map', '0:V:0'];
  await call(
    'ffmpeg',
    [...args, '-vf', filter, '-pix_fmt', 'rgb24', '-start_number', '1', `file:${folder}/frame%06d.png`],
    `${file}: its frames cannot be read`,
  );
}

/**
 * Makes an H.264 video of PNG files, with the sound and the metadata of another one.
 * @param frames paths in order; one may be there several times
 * @param output is replaced
 * @param soundCodec copy, or an encoder of ffmpeg
 * @throws UserError if ffmpeg cannot write it
 */
export async function putTogether(
  frames: readonly string[],
  output: string,
  {
    rate,
    original,
    part,
    soundCodec,
    stripLocation,
  }: { rate: string; original: string; part: Part; soundCodec: string; stripLocation: boolean },
): Promise<void> {
  const pictures = ['-f', 'image2pipe', '-framerate', rate, '-c:v', 'png', '-i', 'pipe:0'];
  const sound = [...between(part), '-i', `file:${original}`];
  const places = ['location', 'location-eng', 'com.apple.quicktime.location.ISO6709'];
  const filter = 'scale=trunc(iw/2)*2:trunc(ih/2)*2:out_color_matrix=bt709:out_range=tv,format=yuv420p';
  const colors = ['colorspace', 'color_primaries', 'color_trc'].flatMap((name) => [`-${name}`, 'bt709']);
  await call(
    'ffmpeg',
    [
      ...['-v', 'error', '-y', ...pictures, ...sound, '-map', '0:v', '-map', '1:a?', '-map_metadata', '1'],
      ...['-metadata', `comment=Painted with ${program.name} ${program.version}`],
      ...(stripLocation ? places.flatMap((name) => ['-metadata', `${name}=`]) : []),
      ...['-vf', filter, '-c:v', 'libx264', '-crf', '16', ...colors, '-color_range', 'tv'],
      ...['-c:a', soundCodec, '-movflags', '+faststart', `file:${output}`],
    ],
    `${output}: cannot be written`,
    Readable.from(contents(frames)),
  );
}

async function* contents(paths: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (const path of paths) {
    const file = await open(path);
    try {
      yield await file.readFile();
    } finally {
      await file.close();
    }
  }
}

const between = ({ from, to }: Part) => [
  ...(from === undefined ? [] : ['-ss', String(from)]),
  ...(to === undefined ? [] : ['-to', String(to)]),
];

/** @param what it means for the user if it fails */
async function call(command: 'ffmpeg' | 'ffprobe', args: readonly string[], what: string, input?: Readable) {
  try {
    return await execa(command, args, { ...(input ? { input } : { stdin: 'ignore' }) });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code === 'ENOENT')
      throw new UserError(`Videos need ${command}, which is not there. ${install}`);
    const [reason] = String(error.stderr).trim().split('\n').slice(-1);
    throw new UserError(`${what}: ${printable(reason || error.shortMessage)}`);
  }
}
