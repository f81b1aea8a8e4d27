/**
 * Optical flow: where each pixel of a picture is in another one. Computed by OpenCV, an optional package: about 13 MB, and
 * few paint videos.
 */
import { createRequire } from 'node:module';
import { lumaOf } from './luma.js';
import type { Picture, Size } from './picture.js';

/** For each pixel, how far it has moved, in pixels, [H·W]. */
export interface Flow extends Size {
  x: Float32Array;
  y: Float32Array;
}

export interface OpticalFlow {
  /** Where the pixels of `from` are in `to`, a picture of the same size, relative to their own places. */
  between(from: Picture, to: Picture): Flow;
  /** The picture whose pixel at p is that of `picture` at p + flow(p), interpolated; beyond the edges the edge is repeated. */
  warp(picture: Picture, flow: Flow): Picture;
}

const flowPackage = '@techstark/opencv-js';

/** How to get it; the version that is its latest by name is an old one. */
export const flowInstall = `npm install ${flowPackage}@4.12.0-release.1`;

type OpenCv = typeof import('@techstark/opencv-js');

let loaded: Promise<OpticalFlow | undefined> | undefined;

/** Undefined if the package is not installed. It is loaded once. */
export function loadFlow(): Promise<OpticalFlow | undefined> {
  loaded ??= loadOpenCv().then((opencv) => opencv && withOpenCv(opencv.cv));
  return loaded;
}

/** In an object, since the module has a method `then` that never ends. */
async function loadOpenCv(): Promise<{ cv: OpenCv } | undefined> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = new Map(events.map((event) => [event, process.listeners(event as 'exit')]));
  let cv: OpenCv & { onRuntimeInitialized?: () => void };
  try {
    // Not with import(), which would wait for that method.
    cv = createRequire(import.meta.url)(flowPackage);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  if (!cv.Mat)
    await new Promise<void>((resolve) => {
      cv.onRuntimeInitialized = resolve;
    });
  // It takes over errors of the whole process.
  for (const [event, listeners] of before)
    for (const listener of process.listeners(event as 'exit'))
      if (!listeners.includes(listener)) process.off(event, listener);
  return { cv };
}

/** Farnebäck's flow, with a window that follows motion of a few dozen pixels without losing outlines. */
const farneback = { pyramid: 0.5, levels: 5, window: 15, iterations: 3, neighborhood: 7, sigma: 1.5 };

function withOpenCv(cv: OpenCv): OpticalFlow {
  const matrix = (type: number, { width, height }: Size, data: Float32Array | Uint8ClampedArray) => {
    const made = new cv.Mat(height, width, type);
    (data instanceof Uint8ClampedArray ? made.data : made.data32F).set(data);
    return made;
  };
  const warp = (picture: Picture, flow: Flow): Picture => {
    const { width, height } = picture;
    const plane = width * height;
    const x = matrix(
      cv.CV_32FC1,
      flow,
      flow.x.map((dx, i) => dx + (i % width)),
    );
    const y = matrix(
      cv.CV_32FC1,
      flow,
      flow.y.map((dy, i) => dy + Math.floor(i / width)),
    );
    const data = new Float32Array(3 * plane);
    for (let c = 0; c < 3; c++) {
      const channel = matrix(cv.CV_32FC1, picture, picture.data.subarray(c * plane, (c + 1) * plane));
      const moved = new cv.Mat();
      cv.remap(channel, moved, x, y, cv.INTER_LANCZOS4, cv.BORDER_REPLICATE);
      data.set(moved.data32F, c * plane);
      channel.delete();
      moved.delete();
    }
    x.delete();
    y.delete();
    return { width, height, data };
  };
  return {
    between(from, to) {
      const pictures = [from, to].map((picture) => matrix(cv.CV_8UC1, picture, gray(picture)));
      try {
        const [a, b] = pictures;
        const errorOf = (flow: Flow) => unlikeness(from, warp(to, flow));
        const dense = denseFlow(cv, a, b);
        const camera = cameraMotion(cv, a, b);
        if (!camera) return dense;
        const none = { ...camera, x: camera.x.map(() => 0), y: camera.y.map(() => 0) };
        const isStill = sum(unlikeness(from, to)) <= stillness * sum(errorOf(camera));
        return better(dense, isStill ? none : camera, errorOf);
      } finally {
        for (const each of pictures) each.delete();
      }
    },
    warp,
  };
}

type Mat = InstanceType<OpenCv['Mat']>;

function denseFlow(cv: OpenCv, from: Mat, to: Mat): Flow {
  const found = new cv.Mat();
  const { pyramid, levels, window, iterations, neighborhood, sigma } = farneback;
  cv.calcOpticalFlowFarneback(
    ...([from, to, found, pyramid, levels, window, iterations, neighborhood, sigma, 0] as const),
  );
  const { cols: width, rows: height } = found;
  const both = found.data32F;
  const component = (at: 0 | 1) => Float32Array.from({ length: width * height }, (_, i) => both[2 * i + at]);
  const flow = { width, height, x: component(0), y: component(1) };
  found.delete();
  return flow;
}

/** Corners that the camera's motion is found from, at most, and their distance in pixels. */
const [mostCorners, cornerDistance] = [400, 5];

/** The motion of the whole picture: an affine map that most corners follow. Undefined if there is none. */
function cameraMotion(cv: OpenCv, from: Mat, to: Mat): Flow | undefined {
  const { cols: width, rows: height } = from;
  const made = Array.from({ length: 5 }, () => new cv.Mat());
  const [corners, found, status, errors, inliers] = made;
  try {
    cv.goodFeaturesToTrack(from, corners, mostCorners, 0.01, cornerDistance);
    if (corners.rows === 0) return undefined;
    cv.calcOpticalFlowPyrLK(from, to, corners, found, status, errors);
    const followed = [...status.data].flatMap((is, i) => (is ? [2 * i, 2 * i + 1] : []));
    if (followed.length < 2 * 8) return undefined;
    const pointsOf = (mat: Mat) => {
      const points = new cv.Mat(followed.length / 2, 1, cv.CV_32FC2);
      points.data32F.set(followed.map((i) => mat.data32F[i]));
      made.push(points);
      return points;
    };
    const map = cv.estimateAffine2D(pointsOf(corners), pointsOf(found), inliers);
    made.push(map);
    if (map.rows === 0) return undefined;
    const [a, b, dx, c, d, dy] = map.data64F;
    const moved = (of: (x: number, y: number) => number) =>
      Float32Array.from({ length: width * height }, (_, i) => of(i % width, Math.floor(i / width)));
    return {
      ...{ width, height },
      x: moved((x, y) => a * x + b * y + dx - x),
      y: moved((x, y) => c * x + d * y + dy - y),
    };
  } finally {
    for (const each of made) each.delete();
  }
}

/** The camera stands still if that explains the picture this well, as a multiple of the error of the motion that was found. */
const stillness = 1.1;

const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);

/** Gray levels by which dense flow must be better than the camera's motion: in a clear sky it sees no motion at all. */
const advantage = 3;

/** For each pixel the camera's motion, unless dense flow explains the picture better. */
function better(dense: Flow, camera: Flow, errorOf: (flow: Flow) => Float32Array): Flow {
  const [denseError, cameraError] = [dense, camera].map(errorOf);
  const choose = (axis: 'x' | 'y') =>
    dense[axis].map((value, i) => (cameraError[i] > denseError[i] + advantage ? value : camera[axis][i]));
  return { ...dense, x: choose('x'), y: choose('y') };
}

/** [H·W], 0..255. */
function gray({ data, width, height }: Picture): Uint8ClampedArray {
  const plane = width * height;
  return Uint8ClampedArray.from({ length: plane }, (_, i) =>
    lumaOf(data[i], data[plane + i], data[2 * plane + i]),
  );
}

/**
 * Where a flow can be trusted, [H·W], 1 or 0: not where something came into view, nor at outlines of what moves (Ruder et al.
 * 2016, "Artistic style transfer for videos", equations 5 and 6, after Sundaram et al. 2010).
 * @param back from a picture to the one before it
 * @param forth from that one to the picture
 */
export function reliable(back: Flow, forth: Flow): Float32Array {
  const { width, height } = back;
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [u, v] = [back.x[i], back.y[i]];
    const [fromX, fromY] = [x + u, y + v];
    if (fromX < 0 || fromY < 0 || fromX > width - 1 || fromY > height - 1) return 0;
    const returned = [forth.x, forth.y].map((plane) => interpolated(plane, width, height, fromX, fromY));
    const gap = (returned[0] + u) ** 2 + (returned[1] + v) ** 2;
    if (gap > 0.01 * (returned[0] ** 2 + returned[1] ** 2 + u ** 2 + v ** 2) + 0.5) return 0;
    const right = x + 1 < width ? i + 1 : i;
    const below = y + 1 < height ? i + width : i;
    const slope = [back.x, back.y].reduce(
      (sum, plane) => sum + (plane[right] - plane[i]) ** 2 + (plane[below] - plane[i]) ** 2,
      0,
    );
    return slope > 0.01 * (u ** 2 + v ** 2) + 0.002 ? 0 : 1;
  });
}

/** Between four pixels, linearly. */
function interpolated(plane: Float32Array, width: number, height: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const row = (at: number) =>
    plane[at * width + left] + (x - left) * (plane[at * width + right] - plane[at * width + left]);
  return row(top) + (y - top) * (row(bottom) - row(top));
}

/** By how many gray levels two pictures differ around each pixel, [H·W]: of means of 3×3 pixels, since single ones have noise. */
export function unlikeness(a: Picture, b: Picture): Float32Array {
  const { width, height } = a;
  const plane = width * height;
  const squares = new Float32Array(plane);
  for (let c = 0; c < 3; c++) {
    const difference = Float32Array.from(
      { length: plane },
      (_, i) => a.data[c * plane + i] - b.data[c * plane + i],
    );
    const smooth = blurred(difference, width, height);
    for (let i = 0; i < plane; i++) squares[i] += smooth[i] ** 2 / 3;
  }
  return squares.map(Math.sqrt);
}

/** A mask without hard edges: nowhere more than it was. */
export function softened(mask: Float32Array, width: number, height: number): Float32Array {
  const soft = blurred(blurred(mask, width, height), width, height);
  return soft.map((value, i) => Math.min(mask[i], Math.max(0, 2 * value - 1)));
}

/** Mean of 3×3 pixels. */
function blurred(values: Float32Array, width: number, height: number): Float32Array {
  const rows = values.map((value, i) => {
    const x = i % width;
    return (values[x > 0 ? i - 1 : i] + value + values[x < width - 1 ? i + 1 : i]) / 3;
  });
  return rows.map((value, i) => {
    const y = Math.floor(i / width);
    return (rows[y > 0 ? i - width : i] + value + rows[y < height - 1 ? i + width : i]) / 3;
  });
}
