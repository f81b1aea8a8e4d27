/**
 * The terms of the loss and the style losses, in one table: settings, flags, the screen's knobs and colors, CSV columns and
 * events follow from it.
 *
 *   total = Σ weight · term, and of a term that is measured in layers, Σ_l share_l · term(l)
 */

/** How the screen draws a term, on dark and on light ground. */
interface Colors {
  dark: string;
  light: string;
}

export interface Term {
  /** In settings (`contentWeight`), flags (`--content-weight`), events and on the screen. */
  key: string;
  /** Measured in layers of the network, each with a share; else on the picture itself. */
  layered: boolean;
  /** Only in sequences: there is neither a weight nor a loss elsewhere. */
  ofSequences?: true;
  /** What its weight does, for people. */
  weighs: string;
  colors: Colors;
}

export const terms = [
  {
    key: 'content',
    layered: true,
    weighs: 'How much of the photo stays',
    colors: { dark: 'green', light: '#005f00' },
  },
  {
    key: 'style',
    layered: true,
    weighs: 'How strongly the styles are applied',
    colors: { dark: 'magenta', light: '#870087' },
  },
  {
    key: 'tv',
    layered: false,
    weighs: 'How much fine grain is smoothed: total variation',
    colors: { dark: 'blue', light: '#005f87' },
  },
  {
    key: 'temporal',
    layered: false,
    ofSequences: true,
    weighs: 'How firmly the painting of the frame before stays, with --sequence',
    colors: { dark: 'yellow', light: '#875f00' },
  },
] as const satisfies readonly Term[];

export type TermKey = (typeof terms)[number]['key'];
/** Terms that only sequences have. */
export type SequenceKey = Extract<(typeof terms)[number], { ofSequences: true }>['key'];
/** A number for each term; terms of sequences may be left out. */
export type PerTerm = Record<Exclude<TermKey, SequenceKey>, number> & Partial<Record<SequenceKey, number>>;
/** Terms that are measured in layers. */
export type LayeredKey = Extract<(typeof terms)[number], { layered: true }>['key'];

export const termKeys = terms.map(({ key }) => key);

/** Whether every picture has this term, not only those of sequences. */
export const isUsual = (term: Term): boolean => !term.ofSequences;

/** Name of the setting with a term's weight. */
export const weightSetting = <K extends TermKey>(key: K) => `${key}Weight` as const;

interface StyleLossRow {
  /** Weights unless settings say others: what they mean depends on how style is measured. */
  weights: Record<TermKey, number>;
}

export const styleLosses = {
  wasserstein: {
    weights: { content: 1, style: 10, tv: 1e-5, temporal: 0.003 },
  },
  gram: {
    weights: { content: 5, style: 2000, tv: 400, temporal: 3000 },
  },
} as const satisfies Record<string, StyleLossRow>;

export type StyleLossName = keyof typeof styleLosses;

export const defaultStyleLoss: StyleLossName = 'wasserstein';

export const styleLossNames = Object.keys(styleLosses) as StyleLossName[];

/** One number for each term. */
export const perTerm = <T>(value: (key: TermKey) => T): Record<TermKey, T> =>
  Object.fromEntries(termKeys.map((key) => [key, value(key)])) as Record<TermKey, T>;
