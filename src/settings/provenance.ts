/**
 * How a picture was painted: what it carries in its metadata, and what `run --from` repeats. It holds no time and no
 * duration, so that the same painting is the same file.
 */
import { z } from 'zod';
import { type Settings, settingsSchema } from './settings.js';

const perLayer = z.record(z.string(), z.number());
const side = z.number().int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Weighted losses: `tv`, every content layer, and every style of every style layer add up to `total`. */
export const lossesSchema = z.strictObject({
  total: z.number(),
  tv: z.number(),
  content: perLayer,
  style: z.record(z.string(), z.array(z.number())),
});

/**
 * What a person can change while a picture is painted; `blend` sums to 1, one number per style. `styleLayers`, once
 * changed, is what each layer counts within style.
 */
export const weightsSchema = z.strictObject({
  content: z.number().min(0),
  style: z.number().min(0),
  tv: z.number().min(0),
  blend: z.array(z.number().min(0)).readonly(),
  styleLayers: z.record(z.string(), z.number().min(0)).optional(),
});

/** What a person changed after an iteration; it counts from the next one on. */
export const changeSchema = z.strictObject({
  iteration: z.number().int().min(0),
  weights: weightsSchema.optional(),
  /** Steps in all, from then on. */
  iterations: z.number().int().min(1).optional(),
  /** The best picture was painted again from there, from coarse to fine. */
  again: z.literal(true).optional(),
});

/** Settings that recipes of earlier versions lack, as those paintings were made: that is not always today's default. */
const addedLater: Partial<Settings> = { keepFrame: true };

const asOldRecipe = (settings: unknown) =>
  settings && typeof settings === 'object' ? { ...addedLater, ...settings } : settings;

export const provenanceSchema = z.strictObject({
  /** Name and version. */
  program: z.string(),
  engine: z.string(),
  device: z.string(),
  /** The photo; the home folder is written ~ here and in `settings`. */
  content: z.string(),
  /** Every setting, defaults spelled out. */
  settings: z.preprocess(asOldRecipe, settingsSchema),
  /** SHA-256 of every file named above, by its path. */
  files: z.record(z.string(), sha256),
  /** SHA-256 of the network's weight file. */
  network: sha256,
  /** Steps that were taken: others than in `settings` where a person changed that, or took the picture early. */
  iterations: z.number().int().min(0),
  history: z.array(changeSchema),
  losses: lossesSchema,
  /** The size in pixels, where there was too little memory for the one that the settings ask for. */
  painted: z.strictObject({ width: side, height: side }).optional(),
});

export type Losses = z.infer<typeof lossesSchema>;
export type Weights = z.infer<typeof weightsSchema>;
export type Change = z.infer<typeof changeSchema>;
export type Provenance = z.infer<typeof provenanceSchema>;
