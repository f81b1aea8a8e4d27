/** ONNX Runtime on the processor. */
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import { goldenTests } from './golden.js';
import { gradientTests } from './gradient.js';

goldenTests(createOnnxEngine);
gradientTests(createOnnxEngine);
