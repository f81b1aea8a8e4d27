/** Why a native library refused, in words that a person can use: theirs, without the places in their source. */

/** What matters in the messages of ONNX Runtime, CUDA and Dawn, wherever it stands. */
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
