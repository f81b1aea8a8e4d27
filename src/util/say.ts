/** Printing to stdout and stderr. Untrusted text, such as file names, can neither move the cursor nor flood the terminal. */
import { printable } from './format.js';

/** Maximum number of characters per line. */
const longestLine = 4000;

/** Prints lines on stdout. */
export const say = (...lines: string[]): void => write(process.stdout, lines);

/** Prints lines on stderr. */
export const warn = (...lines: string[]): void => write(process.stderr, lines);

function write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  for (const line of lines) {
    const text = printable(line);
    stream.write(`${text.length > longestLine ? `${text.slice(0, longestLine)}…` : text}\n`);
  }
}
