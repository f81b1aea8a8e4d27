/**
 * A picture in memory, as the transfer wants it: three planes [3, H, W] in the order red, green, blue,
 * values 0..255 as 32-bit floats, sRGB. Alpha, when the file had any, is set aside as [H, W], 0..255.
 */
export interface Picture extends Size {
  data: Float32Array;
  alpha?: Uint8Array;
  /** What a person should know of its file: what the decoder warns of. */
  flaw?: string;
}

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A part of a picture, in pixels from its upper left corner. */
export interface Box extends Size {
  left: number;
  top: number;
}
