/** IPTC-IIM, which described photos before XMP: https://www.iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf */

/** A value of the record that describes the photo. */
export interface IptcField {
  /** Its number in record 2. */
  dataset: number;
  value: Buffer;
}

/** Content location, city, sublocation, state, country's code and name. */
const places = [26, 27, 90, 92, 95, 100, 101];

const fieldMark = 0x1c;
const utf8Mark = Buffer.from('\x1b%G');

/**
 * The fields of a Photoshop block, or of bare IPTC.
 * @param stripLocation without places
 */
export function iptcFields(block: Buffer, stripLocation: boolean): { fields: IptcField[]; isUtf8: boolean } {
  const data = iptcOf(block);
  const fields: IptcField[] = [];
  let isUtf8 = false;
  for (let at = 0; at + 5 <= data.length && data[at] === fieldMark; ) {
    const [record, dataset, length] = [data[at + 1], data[at + 2], data.readUInt16BE(at + 3)];
    const value = data.subarray(at + 5, at + 5 + length);
    // Beyond 32 KB lengths are written otherwise: no text is that long.
    if (length > 0x7fff || value.length < length) break;
    if (record === 1 && dataset === 90) isUtf8 = value.equals(utf8Mark);
    if (record === 2 && !(stripLocation && places.includes(dataset))) fields.push({ dataset, value });
    at += 5 + length;
  }
  return { fields, isUtf8 };
}

/** The Photoshop block for these fields. */
export function toBlock(fields: readonly IptcField[], isUtf8: boolean): Buffer {
  const all = [
    ...(isUtf8 ? [{ record: 1, dataset: 90, value: utf8Mark }] : []),
    ...fields.map((field) => ({ record: 2, ...field })),
  ];
  const data = Buffer.concat(
    all.flatMap(({ record, dataset, value }) => [
      Buffer.from([fieldMark, record, dataset, value.length >> 8, value.length & 0xff]),
      value,
    ]),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  return Buffer.concat([
    photoshop,
    resource,
    iptcResource,
    Buffer.alloc(2),
    size,
    data,
    Buffer.alloc(data.length % 2),
  ]);
}

const photoshop = Buffer.from('Photoshop 3.0\0');
const resource = Buffer.from('8BIM');
const iptcResource = Buffer.of(4, 4);

/** Goes through the resources of a Photoshop block: mark, number, name, size, data, the latter two of even length. */
function iptcOf(block: Buffer): Buffer {
  if (block[0] === fieldMark) return block;
  let at = block.subarray(0, photoshop.length).equals(photoshop) ? photoshop.length : 0;
  while (at + 12 <= block.length && block.subarray(at, at + 4).equals(resource)) {
    const isIptc = block.subarray(at + 4, at + 6).equals(iptcResource);
    const sizeAt = at + 6 + even(1 + block[at + 6]);
    if (sizeAt + 4 > block.length) break;
    const size = block.readUInt32BE(sizeAt);
    if (isIptc) return block.subarray(sizeAt + 4, sizeAt + 4 + size);
    at = sizeAt + 4 + even(size);
  }
  return Buffer.alloc(0);
}

const even = (length: number) => length + (length % 2);

/** A field's text: IPTC says UTF-8, or nothing at all. */
export function textOf({ value }: IptcField): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value);
  } catch {
    return value.toString('latin1');
  }
}
