import { expect, it } from 'vitest';
import { plainReason } from '../../src/engine/reason.js';

it.each([
  // As ONNX Runtime 1.30 says it without a driver, with one that is too old, and without an adapter.
  [
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    '[E:onnxruntime:, provider_bridge_ort.cc:2146 Create] Failed to load library libonnxruntime_providers_cuda.so with error: libcuda.so.1: cannot open shared object file: No such file or directory\n',
    'libcuda.so.1: cannot open shared object file: No such file or directory',
  ],
  [
    '/src/cuda_call.cc:154 void CudaCall(ERRTYPE) CUDA failure 36: API call is not supported in the installed CUDA driver ; GPU=-1 ; hostname=h ; file=f.cc',
    '',
    'API call is not supported in the installed CUDA driver',
  ],
  [
    '/src/webgpu_context.cc:136 Initialize()::<lambda()> status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
    'Warning: something else\n',
    'Failed to get a WebGPU adapter: No supported adapters',
  ],
  ["Error: Cannot find module 'x'", '', "Cannot find module 'x'"],
])('says what a library means: %s', (message, output, expected) => {
  expect(plainReason(message, output)).toBe(expected);
});
