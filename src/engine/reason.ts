/** Extracts the useful part of a native library's error message, without source locations. */

/** The useful parts of messages of ONNX Runtime, CUDA and Dawn. */
const telling = [
  /with error: (.+)/,
  /CUDA failure \d+: ([^;]+)/,
  /was false\. (.+)/,
  /(failed to allocate .+)/i,
];

/**
 * @param message what was thrown
 * @param output what the library printed before that; often it says more
 */
export function plainReason(message: string, output = ''): string {
  const text = `${output}\n${message}`;
  const found = telling.map((pattern) => pattern.exec(text)?.[1]).find((words) => words !== undefined);
  const line = found ?? message.trim().split('\n').at(-1) ?? '';
  return line.replace(/^(Error: )+/, '').trim();
}
