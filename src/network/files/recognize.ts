/** Recognizes a weight file's format by its content, since extensions are unreliable. */
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../../util/errors.js';

export type Kind = 'safetensors' | 'mat' | 'hdf5';

const hdf5 = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** Other files that people try to load: their first bytes, and what to do about it. */
const knownOthers: [string, string][] = [
  ['PK\x03\x04', 'a zip archive, such as PyTorch writes (.pth). It may hold code; save it as safetensors'],
  ...['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'].map((protocol): [string, string] => [
    protocol,
    'a Python pickle. It may hold code; save it as safetensors',
  ]),
  ['<!doctype', 'a web page: the download went wrong. Get the file again'],
  ['<html', 'a web page: the download went wrong. Get the file again'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file itself. Fetch it with git lfs pull'],
];

/** @throws UserError if the file is not a supported weight file; says what it seems to be */
export async function recognizeNetwork(file: FileHandle, path: string): Promise<Kind> {
  const start = Buffer.alloc(520);
  const { bytesRead } = await file.read(start, 0, start.length, 0);
  const head = start.subarray(0, bytesRead);
  const fail = (what: string): never => {
    throw new UserError(
      `${path}: expected VGG-19's weights (.safetensors, MatConvNet .mat, Keras .h5), got ${what}.`,
    );
  };
  if (bytesRead === 0) fail('an empty file');
  if (head.subarray(0, 8).equals(hdf5)) return 'hdf5';
  if (head.subarray(512, 520).equals(hdf5))
    fail("a .mat file of version 7.3. Save it from MATLAB with save(..., '-v7')");
  const text = head.toString('latin1');
  const beginning = text.trimStart().toLowerCase();
  const [, stranger] = knownOthers.find(([stranger]) => beginning.startsWith(stranger.toLowerCase())) ?? [];
  if (stranger) fail(stranger);
  if (text.slice(126, 128) === 'IM' && head[125] === 1) return 'mat';
  if (text.slice(126, 128) === 'MI') fail('a .mat file of a big-endian machine. Save it again on this one');
  if (text[8] === '{' && bytesRead >= 10) return 'safetensors';
  return fail('a file of another kind');
}
