/** NVIDIA's cards, as their driver lists them. */
import { execa } from 'execa';
import { UserError } from '../util/errors.js';

export interface Card {
  name: string;
  /** The driver's version. */
  driver: string;
}

/** In the order of their numbers; none where there is no driver. */
export async function nvidiaCards(): Promise<Card[]> {
  const question = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  const { stdout, failed } = await execa('nvidia-smi', question, { reject: false, timeout: 10_000 });
  if (failed || !stdout) return [];
  const rows = stdout.split('\n').filter(Boolean);
  return rows.map((row) => {
    const [name, driver] = row.split(',').map((cell) => cell.trim());
    return { name, driver };
  });
}

/** What is missing, and what fixes it. */
export const noCard = {
  what: 'nvidia-smi lists no NVIDIA card',
  fix: 'install its driver, see docs/gpu.md',
};

/** @throws UserError if there is no card, before gigabytes are downloaded for it */
export async function requireCard(): Promise<void> {
  if ((await nvidiaCards()).length === 0)
    throw new UserError(`Nothing is installed: ${noCard.what}. First ${noCard.fix}.`);
}
