/** NVIDIA's cards, as their driver lists them. */
import { execa } from 'execa';
import { UserError } from '../settings/errors.js';

/** Names, in the order of their numbers; none where there is no driver. */
export async function nvidiaCards(): Promise<string[]> {
  const { stdout, failed } = await execa('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
    reject: false,
    timeout: 10_000,
  });
  return failed || !stdout ? [] : stdout.split('\n').filter(Boolean);
}

export const noCard =
  'no NVIDIA card is found: nvidia-smi lists none. Install its driver: docs/gpu.md tells how';

/** Throws UserError where gigabytes would be fetched for nothing. */
export async function requireCard(): Promise<void> {
  if ((await nvidiaCards()).length === 0) throw new UserError(`Nothing is installed: ${noCard}.`);
}
