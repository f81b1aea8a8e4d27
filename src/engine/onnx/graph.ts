/**
 * Writes ONNX models: nodes are added one by one, each call returns the name of its result, and `toModel` gives
 * the bytes a session loads. Field numbers are those of onnx.proto (https://github.com/onnx/onnx).
 */
import { PbfWriter } from 'pbf';

/** A number is an integer; a float is a Float32Array of one. */
type Attribute = number | string | number[] | Float32Array | Graph;
/** A size that is known, or the name of one that each run brings. */
type Dimension = number | string;

/** ONNX's numbers for element types. */
export const float32 = 1;
const int64 = 7;
const bool = 9;

/** Bytes, for nodes and shapes. */
const besideWeights = 2 ** 18;

const irVersion = 8;
/** Of ONNX, and of ONNX Runtime's own operators. */
const opsets = { '': 17, 'com.microsoft': 1 };

export class Graph {
  private readonly nodes: Array<(pbf: PbfWriter) => void> = [];
  private readonly initializers: Array<(pbf: PbfWriter) => void> = [];
  private readonly inputs: Array<(pbf: PbfWriter) => void> = [];
  private readonly outputs: Array<(pbf: PbfWriter) => void> = [];
  private readonly records: { name: string; shape: readonly Dimension[] }[] = [];
  private count = 0;
  private weightBytes = 0;
  private readonly known = new Set<string>();
  /** The model's own graph. A loop's body has nodes and weights of its own, but shares inputs and names. */
  private readonly root: Graph;

  constructor(root?: Graph) {
    this.root = root ?? this;
  }

  /** A float tensor that each run brings; [] is a scalar. One, however often it is named. */
  input(name: string, shape: readonly Dimension[]): string {
    if (isNew(this.root.known, name)) this.root.inputs.push(valueInfo(name, shape));
    return name;
  }

  /** Marks a result as one that a run may ask for, under its own name. In the body of a loop it is recorded with each pass. */
  output(value: string, name: string, shape: readonly Dimension[]): void {
    const isModel = this.root === this;
    this.outputs.push(valueInfo(this.add('Identity', [value], {}, isModel ? name : undefined), shape));
    if (!isModel) this.records.push({ name, shape });
  }

  /** Float weights baked into the model, once, however often they are named. */
  weights(name: string, shape: readonly number[], data: Float32Array): string {
    if (!isNew(this.known, name)) return name;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push(tensor(name, float32, shape, bytes));
    this.root.weightBytes += bytes.length;
    return name;
  }

  /** A list of integers baked into the model, for shapes and axes. */
  integers(values: readonly number[]): string {
    const name = `integers${this.root.count++}`;
    const data = BigInt64Array.from(values, BigInt);
    this.initializers.push(tensor(name, int64, [values.length], new Uint8Array(data.buffer)));
    return name;
  }

  /** A shape: sizes that are known, then those that a run has. */
  shape(known: readonly number[], sizes: string): string {
    return this.add('Concat', [this.integers(known), sizes], { axis: 0 });
  }

  /** [1, 1, h, w] of ones, for a [1, C, h, w]. */
  ones(picture: string): string {
    const one = this.weights('one', [1, 1, 1, 1], Float32Array.of(1));
    return this.add('Expand', [one, this.shape([1, 1], this.add('Shape', [picture], { start: 2 }))]);
  }

  /** Adds one operator, ONNX's own or `domain:Operator`, and returns the name of its first result. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    name?: string,
  ): string {
    const [output] = this.addNode(operator, inputs, [name ?? `${operator}${this.root.count++}`], attributes);
    return output;
  }

  /**
   * Repeats a body. Its outputs are outputs of the model, with an axis of passes in front.
   * @param times at most, a number of shape [1]
   * @param start values before the first pass; each pass is given those of the one before
   * @param body adds the nodes of a pass to its graph; it returns its values, and a condition [1, 1] to go on
   * @returns the values after the last pass
   */
  loop<Name extends string>(
    times: string,
    start: Record<Name, string>,
    body: (graph: Graph, values: Record<Name, string>) => { values: Record<Name, string>; goesOn: string },
  ): Record<Name, string> {
    const names = Object.keys(start) as Name[];
    const named = (value: (name: Name) => string) =>
      Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, string>;
    const inner = new Graph(this.root);
    const unique = () => `loop${this.root.count++}`;
    const parameter = (shape?: readonly Dimension[], type?: number) => {
      const name = unique();
      inner.inputs.push(valueInfo(name, shape, type));
      return name;
    };
    parameter([], int64); // the number of the pass
    parameter([], bool); // whether to go on, as it was told
    const { values, goesOn } = body(
      inner,
      named(() => parameter()),
    );
    const condition = inner.add('Reshape', [goesOn, inner.integers([1])]);
    const carried = [condition, ...names.map((name) => inner.add('Identity', [values[name]]))];
    inner.outputs.unshift(...carried.map((name) => (pbf: PbfWriter) => pbf.writeStringField(1, name)));
    const after = named(unique);
    for (const { name, shape } of inner.records) this.outputs.push(valueInfo(name, ['passes', ...shape]));
    const outputs = [...names.map((name) => after[name]), ...inner.records.map(({ name }) => name)];
    const count = this.add('Cast', [times], { to: int64 });
    this.addNode('Loop', [count, '', ...names.map((name) => start[name])], outputs, { body: inner });
    return after;
  }

  private addNode(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, Attribute>,
  ): readonly string[] {
    const [type, domain = ''] = operator.split(':').toReversed();
    this.nodes.push((pbf) => {
      for (const input of inputs) pbf.writeStringField(1, input);
      for (const output of outputs) pbf.writeStringField(2, output);
      pbf.writeStringField(3, outputs[0]);
      pbf.writeStringField(4, type);
      pbf.writeStringField(7, domain);
      for (const [key, value] of Object.entries(attributes))
        pbf.writeMessage(5, writeAttribute, [key, value]);
    });
    return outputs;
  }

  /** The serialized ModelProto. */
  toModel(): Uint8Array {
    // Large enough from the start, so that weights are not copied again and again as it grows.
    const pbf = new PbfWriter(new Uint8Array(this.weightBytes + besideWeights));
    pbf.writeVarintField(1, irVersion);
    pbf.writeMessage(7, () => this.writeGraph(pbf), undefined);
    for (const [domain, version] of Object.entries(opsets)) {
      pbf.writeMessage(8, writeOpset, [domain, version]);
    }
    return pbf.finish();
  }

  writeGraph(pbf: PbfWriter): void {
    const each = (tag: number, writers: Array<(pbf: PbfWriter) => void>) => {
      for (const write of writers) pbf.writeMessage(tag, () => write(pbf), undefined);
    };
    each(1, this.nodes);
    pbf.writeStringField(2, 'loss-and-gradient');
    each(5, this.initializers);
    each(11, this.inputs);
    each(12, this.outputs);
  }
}

const isNew = (known: Set<string>, name: string) => known.size < known.add(name).size;

function writeOpset([domain, version]: [string, number], pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeAttribute([name, value]: [string, Attribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'string') {
    pbf.writeStringField(4, value);
    pbf.writeVarintField(20, 3);
  } else if (value instanceof Graph) {
    pbf.writeMessage(6, () => value.writeGraph(pbf), undefined);
    pbf.writeVarintField(20, 5);
  } else if (value instanceof Float32Array) {
    pbf.writeFloatField(2, value[0]);
    pbf.writeVarintField(20, 1);
  } else if (Array.isArray(value)) {
    for (const item of value) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, 7);
  } else {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, 2);
  }
}

function tensor(name: string, type: number, shape: readonly number[], data: Uint8Array) {
  return (pbf: PbfWriter) => {
    for (const size of shape) pbf.writeVarintField(1, size);
    pbf.writeVarintField(2, type);
    pbf.writeStringField(8, name);
    pbf.writeBytesField(9, data);
  };
}

/** @param shape any when left out */
function valueInfo(name: string, shape?: readonly Dimension[], type = float32) {
  return (pbf: PbfWriter) => {
    const dimension = (size: Dimension) => {
      if (typeof size === 'number') pbf.writeVarintField(1, size);
      else pbf.writeStringField(2, size);
    };
    const shapeProto = () => {
      for (const size of shape ?? []) pbf.writeMessage(1, () => dimension(size), undefined);
    };
    const tensorType = () => {
      pbf.writeVarintField(1, type);
      if (shape) pbf.writeMessage(2, shapeProto, undefined);
    };
    pbf.writeStringField(1, name);
    pbf.writeMessage(2, () => pbf.writeMessage(1, tensorType, undefined), undefined);
  };
}
