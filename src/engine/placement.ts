/** An engine on a device, on which pictures can be painted. */

export const engineNames = ['onnx', 'tensorflow'] as const;
export type EngineName = (typeof engineNames)[number];

export interface Placement {
  engine: EngineName;
  /** `cpu`, `webgpu`, `coreml`, or with the number of the card: `cuda:0`, `tensorrt:0`, `dml:0`. */
  device: string;
  /** Threads for what is computed on the processor; the engine's own choice when left out. */
  threads?: number;
  /** Whether it takes several steps at once (`Engine.descend`), as its trial found to be right and fast. */
  descends?: boolean;
}

/** Its name in messages. */
export const placementName = ({ engine, device }: Placement) => `${engine} ${device}`;

/** cuda:1 → the kind of device, and which of them. */
export function parseDevice(device: string): { kind: string; index: number } {
  const [kind, index = '0'] = device.split(':');
  return { kind, index: Number(index) };
}
