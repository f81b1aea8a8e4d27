/** The table of engines: their differences are looked up here, not asked for by name. */
import type { EngineDescription } from './description.js';
import { onnxDescription } from './onnx/description.js';
import type { EngineName } from './placement.js';
import { tensorflowDescription } from './tensorflow/description.js';

export const engines: Record<EngineName, EngineDescription> = {
  onnx: onnxDescription,
  tensorflow: tensorflowDescription,
};

/** Whether the engine can evaluate a picture in tiles. */
export const canTile = (engine: EngineName): boolean => engines[engine].tiledMemory !== undefined;
