/** Formats findings for the terminal, readable without colors. */
import chalk from 'chalk';
import stringWidth from 'string-width';
import type { Look } from '../../tui/look.js';
import type { Finding } from './finding.js';

const colors = { good: chalk.green, missing: chalk.yellow, bad: chalk.red };

/** Columns at which the parts of a line start. */
const [statusAt, nameAt, foundAt] = [2, 11, 30];

/** An area with its findings. Lines have at most `width` columns, except for longer paths in commands. */
export function areaText(
  area: string,
  findings: readonly Finding[],
  width: number,
  { glyphs }: Pick<Look, 'glyphs'>,
): string {
  const lines = findings.flatMap((finding) => {
    const { name, status, found } = finding;
    const [first, ...more] = wrap(breakWords(found, width - foundAt), width - foundAt);
    const fix = 'fix' in finding && finding.fix ? `${glyphs.arrow} ${finding.fix}` : '';
    // A line may end in && in a shell, so both lines can be copied together.
    const fixLines = fix.split(/(?<=&&) /).flatMap((part) => wrap(part, width - nameAt));
    const word = colors[status](status.padEnd(nameAt - statusAt));
    return [
      `${' '.repeat(statusAt)}${word}${name.padEnd(foundAt - nameAt)}${first}`,
      ...more.map((text) => ' '.repeat(foundAt) + text),
      ...(fix ? fixLines.map((text) => ' '.repeat(nameAt) + text) : []),
    ];
  });
  return [area, ...lines].join('\n').replaceAll('×', glyphs.times);
}

/** Breaks words that are longer than a line. */
const breakWords = (text: string, width: number) =>
  text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), '$& ');

/** Breaks text into lines between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
