/** docs/reliability.md has a section for each of several scripts, which replace their own section. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';

const report = new URL('../docs/reliability.md', import.meta.url);

/** The machine on which the numbers were measured. */
export const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} threads, Node ${process.versions.node}`;

/**
 * Replaces the section with this title, or appends it.
 * @param {string} title
 * @param {string} text
 */
export async function writeSection(title, text) {
  const [head, ...sections] = (await readFile(report, 'utf8')).split(/^## /m);
  const section = `${title}\n\n${text.trim()}\n\n`;
  const at = sections.findIndex((other) => other.startsWith(`${title}\n`));
  sections.splice(at < 0 ? sections.length : at, at < 0 ? 0 : 1, section);
  const parts = [head, ...sections].map((part) => part.trim());
  await writeFile(report, `${parts.join('\n\n## ')}\n`);
}
