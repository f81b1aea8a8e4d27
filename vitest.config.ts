import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // As the program's door and its painting processes have them.
    env: { ORT_DISABLE_TELEMETRY: '1', TF_CPP_MIN_LOG_LEVEL: '2', TF_NUM_INTRAOP_THREADS: '1' },
    // Generous: what is slow under load is not wrong.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // ONNX Runtime does not like to be loaded into worker threads again and again.
    pool: 'forks',
    // Two at a time: the tests paint for real, and CI has two cores.
    maxWorkers: 2,
  },
});
