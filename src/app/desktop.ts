/** The desktop around the terminal: opens files in the system's programs, and copies text to its clipboard. */
import { execa } from 'execa';
import { UserError } from '../util/errors.js';

/**
 * Opens a file or folder in the program that the system chooses.
 * @throws UserError if there is none, with the path
 */
export async function openPath(path: string): Promise<void> {
  const [command, ...args] = opener(process.platform);
  const { failed, shortMessage } = await start(command, [...args, path]);
  if (failed) throw new UserError(`${path}: cannot be opened here (${shortMessage}).`);
}

function opener(platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['explorer.exe'] : ['xdg-open'];
}

/** Milliseconds after which a program that still runs counts as started. */
const patience = 1500;

/** Starts a program that may run on after this one. Explorer's exit code says nothing. */
async function start(command: string, args: readonly string[]) {
  const program = execa(command, args, { reject: false, stdio: 'ignore', detached: true, cleanup: false });
  program.unref();
  const isRunning = new Promise<undefined>((resolve) => setTimeout(resolve, patience, undefined).unref());
  const result = await Promise.race([program, isRunning]);
  const failed = Boolean(result?.failed && !(command === 'explorer.exe' && result.exitCode !== undefined));
  return { failed, shortMessage: result?.originalMessage ?? `${command} failed` };
}

/**
 * Copies text to the clipboard by the system's tool, and by the terminal (OSC 52), which also works over ssh.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h3-Operating-System-Commands
 */
export async function copyText(text: string, terminal: NodeJS.WriteStream = process.stdout): Promise<void> {
  terminal.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x1b\\`);
  const [command, ...args] = clipboardTool(process.platform, process.env);
  // Without the tool, the terminal is left.
  if (command) await execa(command, args, { input: text, reject: false, stdout: 'ignore', stderr: 'ignore' });
}

function clipboardTool(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') return ['pbcopy'];
  if (platform === 'win32') return ['clip.exe'];
  if (env.WAYLAND_DISPLAY) return ['wl-copy'];
  return env.DISPLAY ? ['xclip', '-selection', 'clipboard'] : [];
}
