/**
 * What a photo's XMP says about the photo, for its painting: rating, keywords, rights, caption, camera, place. Left out is what
 * says how it was developed or which file it was, and what describes its pixels. It may come from anybody.
 */
import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { type IptcField, textOf } from './iptc.js';

/** Bytes of a packet that is read. */
const mostBytes = 256 * 1024;

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const namespaces = {
  dc: 'http://purl.org/dc/elements/1.1/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  core: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  ext: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  exif: 'http://ns.adobe.com/exif/1.0/',
};

/** Namespaces that come along, and which of their properties; no word means all. */
const kept = new Map<string, RegExp | undefined>([
  [namespaces.dc, /^(?!format$)/],
  [namespaces.xmp, /^(Rating|Label|CreateDate)$/],
  [
    namespaces.photoshop,
    /^(?!ColorMode|ICCProfile|DocumentAncestors|TextLayers|History|SidecarForExtension|LegacyIPTCDigest)/,
  ],
  [namespaces.core, undefined],
  [namespaces.ext, undefined],
  [namespaces.exif, /^(?!Pixel|Subject|Compress|Components|NativeDigest|MakerNote)/],
  ['http://cipa.jp/exif/1.0/', undefined],
  ['http://ns.adobe.com/exif/1.0/aux/', undefined],
  ['http://ns.adobe.com/tiff/1.0/', /^(Make|Model|Artist|Copyright|ImageDescription)$/],
  ['http://ns.adobe.com/xap/1.0/rights/', undefined],
  ['http://ns.adobe.com/lightroom/1.0/', undefined],
  ['http://www.digikam.org/ns/1.0/', undefined],
  ['http://ns.microsoft.com/photo/1.0/', undefined],
  ['http://www.metadataworkinggroup.com/schemas/regions/', undefined],
  ['http://ns.useplus.org/ldf/xmp/1.0/', undefined],
  ['http://creativecommons.org/ns#', undefined],
]);

/** Properties that say where a photo was taken, or what place it shows. */
const places = new Map<string, RegExp>([
  [namespaces.dc, /^coverage$/],
  [namespaces.photoshop, /^(City|State|Country)$/],
  [namespaces.core, /^(Location|CountryCode)$/],
  [namespaces.ext, /^(Location|City|Sublocation|ProvinceState|Country|WorldRegion)/],
  [namespaces.exif, /^GPS/],
]);

/** An element as the parser gives it in order: its name, and its attributes at ':@'. */
type Node = Record<string, unknown>;
type Attributes = Record<string, string>;

// References such as &amp; are handed on as they are: none is expanded.
const xml = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  cdataPropName: '#cdata',
};

/**
 * The properties to carry along as descriptions in RDF, for a packet.
 * @param packet the photo's; none where it has none
 * @param fields of IPTC, for what the packet does not say
 * @throws Error for a packet that is too large or malformed
 */
export function photoDescriptions(
  packet: Buffer | undefined,
  fields: readonly IptcField[],
  stripLocation: boolean,
): string {
  const said = new Set<string>();
  const isKept = (namespace: string | undefined, name: string) => {
    if (namespace === undefined || !kept.has(namespace)) return false;
    if (stripLocation && places.get(namespace)?.test(name)) return false;
    return kept.get(namespace)?.test(name) ?? true;
  };
  const descriptions = packet
    ? descriptionsIn(packet).map((description) => select(description, isKept, said))
    : [];
  const written: string = new XMLBuilder(xml).build(descriptions.filter((each) => each !== undefined));
  return written + fromIptc(fields, said);
}

/** A description with every prefix that holds there. */
interface Description {
  attributes: Attributes;
  properties: Node[];
  prefixes: Map<string, string>;
}

function descriptionsIn(bytes: Buffer): Description[] {
  if (bytes.length > mostBytes) throw new Error('too large');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\0+$/, '').trim();
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new Error('has a document type');
  if (XMLValidator.validate(text) !== true) throw new Error('malformed');
  const roots: Node[] = new XMLParser({ ...xml, parseTagValue: false, ignorePiTags: true }).parse(text);
  const found: Description[] = [];
  const visit = (nodes: Node[], above: Map<string, string>, depth: number) => {
    for (const node of nodes) {
      const { name, attributes, children } = partsOf(node);
      const prefixes = declared(attributes, above);
      const isOfRdf = prefixes.get(prefixOf(name)) === rdf;
      if (isOfRdf && localName(name) === 'Description')
        found.push({ attributes, properties: children, prefixes });
      // Packet, RDF, description.
      else if (depth < 2) visit(children, prefixes, depth + 1);
    }
  };
  visit(roots, new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]), 0);
  return found;
}

function partsOf(node: Node): { name: string; attributes: Attributes; children: Node[] } {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const children = Array.isArray(node[name]) ? (node[name] as Node[]) : [];
  return { name, attributes: (node[':@'] as Attributes | undefined) ?? {}, children };
}

const prefixOf = (name: string) => (name.includes(':') ? name.slice(0, name.indexOf(':')) : '');
const localName = (name: string) => name.slice(name.indexOf(':') + 1);

/** Prefixes with those that attributes declare. */
function declared(attributes: Attributes, above: Map<string, string>): Map<string, string> {
  const own = Object.entries(attributes).filter(([name]) => name.startsWith('xmlns:'));
  return new Map([...above, ...own.map(([name, value]) => [localName(name), value] as const)]);
}

/** A description with the properties that come along; undefined if none does. */
function select(
  { attributes, properties, prefixes }: Description,
  isKept: (namespace: string | undefined, name: string) => boolean,
  said: Set<string>,
): Node | undefined {
  const isWanted = (name: string) => {
    const namespace = prefixes.get(prefixOf(name));
    if (!isKept(namespace, localName(name))) return false;
    said.add(`${namespace} ${localName(name)}`);
    return true;
  };
  const simple = Object.entries(attributes).filter(([name]) => isWanted(name));
  const elements = properties.filter((node) => isWhole(node, prefixes) && isWanted(partsOf(node).name));
  if (simple.length + elements.length === 0) return undefined;
  const text = JSON.stringify([simple, elements]);
  const scope = [...prefixes]
    .filter(([prefix]) => prefix !== 'xml' && text.includes(`${prefix}:`))
    .map(([prefix, uri]) => [`xmlns:${prefix}`, uri]);
  // Our own prefix for RDF: theirs may be another.
  const own = { 'xmlns:rdf': rdf, 'rdf:about': '' };
  const all = { ...Object.fromEntries(scope), ...own, ...Object.fromEntries(simple) };
  return { 'rdf:Description': elements.map(quoted), ':@': quotedAll(all) };
}

/** Whether every prefix in an element is declared: readers refuse the whole packet otherwise. */
function isWhole(node: Node, above: Map<string, string>): boolean {
  const { name, attributes, children } = partsOf(node);
  if (name.startsWith('#')) return true;
  const prefixes = declared(attributes, above);
  const names = [name, ...Object.keys(attributes)].map(prefixOf);
  const isKnown = names.every((prefix) => prefix === '' || prefix === 'xmlns' || prefixes.has(prefix));
  return isKnown && prefixes.get('rdf') === rdf && children.every((child) => isWhole(child, prefixes));
}

/** Attributes may have been in single quotes, with double ones inside. */
const quotedAll = (attributes: Attributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, value.replaceAll('"', '&quot;')]),
  );

function quoted(node: Node): Node {
  const { name, attributes, children } = partsOf(node);
  return Array.isArray(node[name]) ? { [name]: children.map(quoted), ':@': quotedAll(attributes) } : node;
}

/** Where IPTC's fields are in XMP, as the IPTC itself maps them, and as which kind of list. */
const ofIptc: Array<
  [dataset: number, prefix: 'dc' | 'photoshop' | 'core', name: string, list?: 'Alt' | 'Seq' | 'Bag']
> = [
  [5, 'dc', 'title', 'Alt'],
  [120, 'dc', 'description', 'Alt'],
  [80, 'dc', 'creator', 'Seq'],
  [116, 'dc', 'rights', 'Alt'],
  [25, 'dc', 'subject', 'Bag'],
  [105, 'photoshop', 'Headline'],
  [110, 'photoshop', 'Credit'],
  [115, 'photoshop', 'Source'],
  [90, 'photoshop', 'City'],
  [95, 'photoshop', 'State'],
  [101, 'photoshop', 'Country'],
  [92, 'core', 'Location'],
  [100, 'core', 'CountryCode'],
];

function fromIptc(fields: readonly IptcField[], said: ReadonlySet<string>): string {
  const properties = ofIptc.flatMap(([dataset, prefix, name, list]) => {
    const values = fields.filter((field) => field.dataset === dataset).map((field) => escaped(textOf(field)));
    if (values.length === 0 || said.has(`${namespaces[prefix]} ${name}`)) return [];
    const language = list === 'Alt' ? ' xml:lang="x-default"' : '';
    const items = values.map((value) => `<rdf:li${language}>${value}</rdf:li>`).join('');
    return [
      `<${prefix}:${name}>${list ? `<rdf:${list}>${items}</rdf:${list}>` : values[0]}</${prefix}:${name}>`,
    ];
  });
  if (properties.length === 0) return '';
  const scope = Object.entries(namespaces).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  return `<rdf:Description xmlns:rdf="${rdf}" ${scope.join(' ')} rdf:about="">${properties.join('')}</rdf:Description>`;
}

const escaped = (text: string) =>
  text
    .replace(/(?![\n\t])\p{Cc}|[\ufffe\uffff]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
