/** What the program needs to know of an engine before it is loaded. */
import type { Engine, EngineOptions } from './engine.js';
import type { Installable } from './installed.js';
import type { Placement } from './placement.js';

/** Bytes of memory on the host: a fixed part, and parts for each pixel of an image. docs/performance.md says how they were measured. */
export interface MemoryUse {
  /** Bytes of a painting process with this engine, whatever the size of the image. */
  fixed: number;
  /** Bytes per pixel while an image is evaluated. */
  evaluate: number;
  /** Bytes per pixel while an image's features are measured. */
  features: number;
}

/** Bytes of memory on the host of a process that paints in tiles. */
export interface TiledMemoryUse {
  /** Bytes whatever the size of the tile. */
  fixed: number;
  /** Bytes per pixel of the tile under way. */
  pixel: number;
}

export interface EngineDescription {
  /**
   * Loads the engine's native library, which is large, and builds the engine.
   * @throws Error if the library cannot be loaded or the device is not there
   */
  create(options: EngineOptions): Promise<Engine>;
  /** Devices that it can use on an operating system, besides NVIDIA's cards. */
  devices(platform: NodeJS.Platform): readonly string[];
  /** Kinds of device that each of NVIDIA's cards is for it. */
  cardKinds: readonly string[];
  /** The installation whose libraries it loads to use those. */
  cardLibraries: Installable;
  /**
   * Environment variables for its native library.
   * @param longest longest side of the picture, in pixels, approximately
   * @param inherited variables that are set already
   */
  environment(placement: Placement, longest: number, inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  memory: MemoryUse;
  /** Left out if the engine cannot evaluate a picture in parts: see `Engine.parts`. */
  tiledMemory?: TiledMemoryUse;
}
