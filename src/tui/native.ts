/** Terminal graphics: kitty's protocol, or iTerm2's inline images. */
import sharp from 'sharp';
import supportsTerminalGraphics from 'supports-terminal-graphics';
import type { Drawing } from './canvas.js';

export type Protocol = 'kitty' | 'iterm2';

/** tmux and screen pass neither on. */
export function nativeProtocol(env: NodeJS.ProcessEnv = process.env): Protocol | undefined {
  if (env.TMUX || env.STY) return undefined;
  const { kitty, iterm2 } = supportsTerminalGraphics.stdout;
  return kitty ? 'kitty' : iterm2 ? 'iterm2' : undefined;
}

/** An encoded image file, scaled to `columns` × `rows` cells. */
export async function drawNative(
  image: Uint8Array,
  columns: number,
  rows: number,
  protocol: Protocol,
): Promise<Drawing> {
  const png = await sharp(image).png({ compressionLevel: 6 }).toBuffer();
  const data = png.toString('base64');
  const native =
    protocol === 'kitty'
      ? { code: kitty(data, columns, rows), remove: '\x1b_Ga=d,d=I,i=1,q=2\x1b\\' }
      : {
          code: `\x1b]1337;File=inline=1;width=${columns};height=${rows};preserveAspectRatio=0:${data}\x07`,
          remove: '',
        };
  return { columns, rows, native };
}

/** In chunks of 4096 characters. Quiet, because an answer would arrive as keys; the cursor stays in place. */
function kitty(data: string, columns: number, rows: number): string {
  const pieces = data.match(/.{1,4096}/g) ?? [];
  return pieces
    .map((piece, i) => {
      const more = `m=${i < pieces.length - 1 ? 1 : 0}`;
      const keys = i === 0 ? `a=T,f=100,i=1,p=1,q=2,C=1,c=${columns},r=${rows},${more}` : more;
      return `\x1b_G${keys};${piece}\x1b\\`;
    })
    .join('');
}
