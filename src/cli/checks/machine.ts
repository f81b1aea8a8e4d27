/** Checks the versions of program, Node and C library, and the memory. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { evaluationMemory } from '../../engine/memory.js';
import { memoryForEach } from '../../util/memory-budget.js';
import { program } from '../../util/program.js';
import { bad, type Finding, good } from './finding.js';

/** The version that ONNX Runtime and sharp require. */
const oldestGlibc = '2.28';

/** Bytes needed to paint a picture of 512×512. */
const needed = evaluationMemory('onnx', 512 * 512);

export function checkMachine(): Finding[] {
  return [
    good(program.name, `${program.version}, in ${program.folder}`),
    checkNode(process.versions.node),
    good('system', `${process.platform} ${process.arch}`),
    ...(process.platform === 'linux' ? [checkLibrary(glibcVersion())] : []),
    good('processor', `${cpus()[0]?.model.trim() || 'unknown'}, ${availableParallelism()} threads`),
    checkMemory({
      total: totalmem(),
      available: memoryForEach([undefined]),
      limit: process.constrainedMemory(),
    }),
  ];
}

export function checkNode(version: string): Finding {
  const { oldestNode } = program;
  if (!isOlder(version, oldestNode)) return good('Node', version);
  return bad('Node', `${version}, needs ${oldestNode}`, 'install the current one from https://nodejs.org');
}

/** @param glibc its version; undefined for another C library */
export function checkLibrary(glibc: string | undefined): Finding {
  const name = 'C library';
  const fix = 'use a system with it, such as the container image node:22-slim';
  if (glibc === undefined) return bad(name, 'musl or other: ONNX Runtime needs glibc', fix);
  if (!isOlder(glibc, oldestGlibc)) return good(name, `glibc ${glibc}`);
  return bad(name, `glibc ${glibc}: ONNX Runtime needs glibc ${oldestGlibc}`, fix);
}

/**
 * @param memory in bytes; `available` for painting; `limit` of the container, more than `total` if there is none
 */
export function checkMemory(memory: { total: number; available: number; limit: number }): Finding {
  const { total, available } = memory;
  const limit = memory.limit > 0 ? memory.limit : total;
  const container = limit < total ? `, at most ${gigabytes(limit)} in this container` : '';
  const found = `${gigabytes(total)}, ${gigabytes(available)} for painting${container}`;
  if (available >= needed) return good('memory', found);
  return bad(
    'memory',
    `${found}: a picture of 512 pixels takes ${gigabytes(needed)}`,
    'close other programs, or paint smaller pictures: --preset draft',
  );
}

/** From Node's diagnostic report. */
function glibcVersion(): string | undefined {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime;
}

const isOlder = (version: string, than: string) =>
  version.localeCompare(than, undefined, { numeric: true }) < 0;

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
