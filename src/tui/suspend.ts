/** Job control (ctrl-Z, SIGTSTP, SIGCONT): restores the terminal for the shell, and the screen afterwards. */

/** Milliseconds after which the process was evidently not stopped: without job control the signal does nothing. */
const untilSure = 100;

export interface Terminal {
  /** Restores the terminal to its state before the screen. */
  giveBack(): void;
  /** Redraws the whole screen. */
  take(): void;
}

/** Does what an external SIGTSTP does; not available on Windows. */
export function suspend(): void {
  if (process.platform !== 'win32') process.kill(process.pid, 'SIGTSTP');
}

/** Handles SIGTSTP and SIGCONT; returns a function that removes the handlers. */
export function handleStops({ giveBack, take }: Terminal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    giveBack();
    process.off('SIGTSTP', stop);
    // To the whole process group, painting processes included, as the terminal's ctrl-Z does.
    process.kill(0, 'SIGTSTP');
    timer = setTimeout(goOn, untilSure);
  };
  // Also after SIGSTOP, which cannot be caught: the shell has changed the terminal meanwhile.
  const goOn = () => {
    clearTimeout(timer);
    process.off('SIGTSTP', stop);
    process.on('SIGTSTP', stop);
    take();
  };
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', goOn);
  return () => {
    clearTimeout(timer);
    process.off('SIGTSTP', stop);
    process.off('SIGCONT', goOn);
  };
}
