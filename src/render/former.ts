/**
 * The frame before, in a sequence: its painting is moved along with what moved in the photos, and becomes the beginning of
 * this frame's painting where the two photos agree.
 */
import { basename } from 'node:path';
import { trimmed, withBleed } from '../image/bleed.js';
import { decode } from '../image/decode.js';
import { hashOf, readPictureFile } from '../image/file.js';
import { flowInstall, loadFlow, reliable, softened, unlikeness } from '../image/flow.js';
import type { Picture } from '../image/picture.js';
import type { Former } from '../transfer/stylize.js';
import { UserError } from '../util/errors.js';
import type { Inputs } from './inputs.js';
import type { FormerFrame, RenderJob } from './messages.js';

/** What a frame takes over from the one before it. */
export interface TakenOver {
  former: Former;
  /** SHA-256 of the two files, by their paths. */
  files: Record<string, string>;
}

/** Below this share of the picture that stays, the frame is painted as if it were the first. */
const leastInCommon = 0.2;

/** Gray levels by which two photos differ, at which the painting before counts 60 % (1σ of a Gaussian). */
const tolerance = 8;

/** Share of the evaluations of a first frame that a later one takes: docs/video.md. */
const laterShare = 0.5;

/** Evaluations of a frame that begins with the painting before it. */
export const laterIterations = (iterations: number) => Math.max(1, Math.round(laterShare * iterations));

/**
 * Reads the frame before.
 * @param note told once what is to be said
 * @returns undefined if this frame is painted as if it were the first: after a cut, or if a file cannot be used
 */
export async function takeOver(
  { former, source, settings }: RenderJob & { former: FormerFrame },
  { content }: Inputs,
  note: (text: string) => void,
): Promise<TakenOver | undefined> {
  const { bleed } = settings;
  const frame = trimmed(content, bleed);
  const { width, height } = frame;
  const names = `${basename(source)}: painted as if it were the first frame: `;
  const files: Record<string, string> = {};
  const read = async (path: string) => {
    const file = await readPictureFile(path);
    files[path] = hashOf(file);
    return decode(file, { width, height });
  };
  const before: Picture[] = [];
  try {
    before.push(await read(former.photo), await read(former.painting));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(`${names}${error.message}`);
    return undefined;
  }
  const flow = await loadFlow();
  if (!flow)
    note(
      `Without optical flow, only what stands still keeps its strokes from frame to frame. For what moves: ${flowInstall}`,
    );
  const [photo, painting] = before;
  const back = flow?.between(frame, photo);
  const moved = (picture: Picture) => (flow && back ? flow.warp(picture, back) : picture);
  const trusted = flow && back && reliable(back, flow.between(photo, frame));
  const alike = likeness(frame, moved(photo));
  // A soft edge, so that no seam shows.
  const soft = trusted && softened(trusted, width, height);
  const still = soft ? alike.map((value, i) => value * soft[i]) : alike;
  const common = still.reduce((sum, value) => sum + value, 0) / still.length;
  if (common < leastInCommon) {
    note(`${names}it has little in common with ${basename(former.photo)}.`);
    return undefined;
  }
  const kept = {
    painting: withBleed(moved(painting), bleed),
    still: withBleed({ data: still, width, height }, bleed),
  };
  return { former: kept, files };
}

/** How alike two photos are around each pixel, [H·W], 0..1. */
const likeness = (a: Picture, b: Picture) =>
  unlikeness(a, b).map((difference) => Math.exp(-(difference ** 2) / (2 * tolerance ** 2)));
