/**
 * Reader of safetensors files (https://github.com/huggingface/safetensors): eight bytes that give the
 * header's length, a JSON header that names each tensor, then the tensors' bytes.
 */
import { z } from 'zod';
import { UserError } from '../settings/errors.js';

const tensorHeader = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});

const bytesPerElement: Record<string, number> = { U8: 1, F32: 4 };

export interface Tensor {
  dtype: string;
  shape: number[];
  /** A view into the file's bytes, little-endian. */
  bytes: Uint8Array;
}

export interface Safetensors {
  metadata: Record<string, string>;
  tensors: Map<string, Tensor>;
}

/**
 * Takes a whole file apart without copying the tensors.
 * @param name the file's name, for messages
 * @throws UserError that says what is wrong with the file
 */
export function readSafetensors(file: Uint8Array, name: string): Safetensors {
  const fail = (what: string): never => {
    throw new UserError(
      `${name}: not a usable safetensors file: ${what}. Restore the file or name another one.`,
    );
  };
  if (file.length < 8) fail(`it has ${file.length} bytes, expected at least the 8 of the header's length`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const bodyStart = 8 + headerLength;
  if (bodyStart > file.length) {
    fail(`its header should be ${headerLength} bytes long, but the whole file has ${file.length}`);
  }
  const header = parseHeader(file.subarray(8, bodyStart), fail);
  const body = file.subarray(bodyStart);
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') {
      const parsed = z.record(z.string(), z.string()).safeParse(value);
      metadata = parsed.success ? parsed.data : fail('its __metadata__ is not a list of texts');
      continue;
    }
    tensors.set(key, readTensor(key, value, body, fail));
  }
  return { metadata, tensors };
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => never): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) {
      return header as Record<string, unknown>;
    }
  } catch {
    // Falls through to the one message below.
  }
  return fail('its header is not JSON');
}

function readTensor(key: string, value: unknown, body: Uint8Array, fail: (what: string) => never): Tensor {
  const parsed = tensorHeader.safeParse(value);
  if (!parsed.success) return fail(`the entry of tensor ${key} lacks dtype, shape or data_offsets`);
  const {
    dtype,
    shape,
    data_offsets: [start, end],
  } = parsed.data;
  const size = bytesPerElement[dtype];
  if (!size)
    return fail(`tensor ${key} is of type ${dtype}, expected ${Object.keys(bytesPerElement).join(' or ')}`);
  const expected = size * shape.reduce((product, n) => product * n, 1);
  if (end - start !== expected) {
    return fail(`tensor ${key} of shape [${shape}] needs ${expected} bytes, its entry gives ${end - start}`);
  }
  if (end > body.length) {
    return fail(`tensor ${key} ends at byte ${end} of ${body.length}: the file is cut short`);
  }
  return { dtype, shape, bytes: body.subarray(start, end) };
}

/** The numbers of an F32 tensor, copied, so that they are aligned and outlive the file. */
export function floats(tensor: Tensor): Float32Array {
  return new Float32Array(Uint8Array.from(tensor.bytes).buffer);
}
