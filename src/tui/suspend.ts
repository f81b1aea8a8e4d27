/** Ctrl-Z, and signals from outside: the shell gets its terminal as it was, and the screen comes back whole. */

/** Milliseconds after which it is sure that nothing stopped this process: without job control the signal does nothing. */
const untilSure = 100;

export interface Terminal {
  /** Puts it as it was before the screen. */
  giveBack(): void;
  /** Draws the whole screen on it again. */
  take(): void;
}

/** Asks for what SIGTSTP from outside does; Windows has no such thing. */
export function suspend(): void {
  if (process.platform !== 'win32') process.kill(process.pid, 'SIGTSTP');
}

/** Minds the signals to stop and to go on; returns what ends that. */
export function mindStops({ giveBack, take }: Terminal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    giveBack();
    process.off('SIGTSTP', stop);
    // To all that the shell started as one, the painting process too: as the terminal's own Ctrl-Z.
    process.kill(0, 'SIGTSTP');
    timer = setTimeout(goOn, untilSure);
  };
  // After SIGSTOP as well, of which nothing was told: the shell has changed the terminal meanwhile.
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
