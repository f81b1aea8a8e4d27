/** How a picture is to be painted, with everything looked up and checked. A job carries it through the queue. */
import { z } from 'zod';
import { settingsSchema } from './settings.js';

const perLayer = z.record(z.string(), z.number());

export const recipeSchema = z.object({
  /** Paths are absolute; `styles` are all there are, those of single layers included, and `blend` has their shares. */
  settings: settingsSchema,
  /** What each layer counts within content and within style (each sums to 1), and layers with a blend of their own. */
  layers: z.object({
    content: perLayer,
    style: perLayer,
    blends: z.record(z.string(), z.array(z.number()).readonly()).optional(),
  }),
  /** SHA-256 of every file that `settings` names, by its path. */
  files: z.record(z.string(), z.string()),
  /** SHA-256 of the network's weight file. */
  network: z.string(),
  /** Same hash and same photo, same painting. */
  hash: z.string(),
  /** What the hash may have been in earlier versions. */
  formerHashes: z.array(z.string()).readonly().optional(),
  /** The hash of what flags and sidecars say, where a person had it painted with other settings. */
  asked: z.string().optional(),
  /** What the photo's sidecars say, and the nearest of them: the recipe is made anew from it when others change. */
  overrides: z
    .object({
      settings: z.record(z.string(), z.unknown()),
      defaults: z.record(z.string(), z.unknown()).optional(),
      from: z.string().optional(),
      confined: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

export type Recipe = z.infer<typeof recipeSchema>;

/** The hash of the settings that were asked for. */
export const requestedHash = ({ asked, hash }: Pick<Recipe, 'asked' | 'hash'>): string => asked ?? hash;
