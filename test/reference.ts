/** The reference's pictures and numbers, and what it takes to compare with them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Engine, Image, PerLayer } from '../src/engine/engine.js';
import type { Picture } from '../src/image/picture.js';
import type { StyleTargets } from '../src/transfer/losses.js';

export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
export const readJson = (name: string) => JSON.parse(readFileSync(fixture(name), 'utf8'));

export const mean = [123.68, 116.779, 103.939] as const;

/** Reads a fixture without the program's own decoder. */
export async function picture(name: string): Promise<Picture> {
  const { data, info } = await sharp(fixture(name)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const planes = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) planes[c * width * height + i] = data[3 * i + c];
  return { data: planes, width, height };
}

export function toImage({ data, width, height }: Picture): Image {
  return { data: data.map((value, i) => value - mean[Math.floor(i / (width * height))]), width, height };
}

export async function measure(engine: Engine, content: string, styles: string[]): Promise<StyleTargets> {
  const measured = [];
  for (const style of styles) measured.push((await engine.features(toImage(await picture(style)))).style);
  return { content: (await engine.features(toImage(await picture(content)))).content, styles: measured };
}

/** Equal shares that sum to 1, or shares that grow by `exp` from layer to layer, as in anishathalye/neural-style. */
export function shares(layers: readonly string[], exp = 1): PerLayer<number> {
  const raw = layers.map((_, i) => exp ** i);
  const sum = raw.reduce((a, b) => a + b);
  return Object.fromEntries(layers.map((layer, i) => [layer, raw[i] / sum]));
}

export const defaultStyleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

/** |a − b| / |b| */
export const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(Math.abs(b), 1e-12);
