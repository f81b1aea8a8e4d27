/** Text for people outside of the screen: whatever a stranger's name or file put into it moves no cursor and fills no terminal. */
import { printable } from './format.js';

/** Characters of a line, at most. */
const longestLine = 4000;

/** Lines on stdout. */
export const say = (...lines: string[]): void => write(process.stdout, lines);

/** Lines on stderr. */
export const warn = (...lines: string[]): void => write(process.stderr, lines);

function write(stream: NodeJS.WriteStream, lines: readonly string[]): void {
  for (const line of lines) {
    const text = printable(line);
    stream.write(`${text.length > longestLine ? `${text.slice(0, longestLine)}…` : text}\n`);
  }
}
