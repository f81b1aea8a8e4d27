/** How bright a color looks, by its red, green and blue (Rec. 601, as JPEG has it); in their own unit. */
export const lumaOf = (red: number, green: number, blue: number): number =>
  0.299 * red + 0.587 * green + 0.114 * blue;
