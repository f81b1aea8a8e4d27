/** Scripts that complete command lines. They do not start the program, which would take half a second at each key. */
import type { CommandWords, FlagWords, Values } from './words.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The text for a shell. */
export const completionScript = (shell: Shell, commands: readonly CommandWords[]): string =>
  ({ bash, zsh, fish })[shell](commands);

/** Where a command can be left out, `run` is meant. */
const usual = 'run';
const isImplied = (name: string) => name === usual;

/** All flags with values, each once: a flag takes the same in all commands. */
function flagsWithValues(commands: readonly CommandWords[]): (FlagWords & { values: Values })[] {
  const found = new Map<string, FlagWords & { values: Values }>();
  for (const { flags } of commands)
    for (const flag of flags)
      if (flag.values) found.set(flag.names.join('|'), { ...flag, values: flag.values });
  return [...found.values()];
}

const names = (commands: readonly CommandWords[]) => commands.map(({ name }) => name);

function bash(commands: readonly CommandWords[]): string {
  const set = ({ words, paths }: Values) =>
    `words='${words.join(' ')}'${paths === undefined ? '' : ` paths=-${paths === 'files' ? 'f' : 'd'}`}`;
  const pattern = ({ name }: CommandWords) => (isImplied(name) ? `''|${name}` : name);
  return `# To install: stylize-tui completion bash > ~/.local/share/bash-completion/completions/stylize-tui
_stylize_tui() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= word words= paths=
  # bash takes --flag=value for three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names(commands).join('|')}) command=$word; break ;; esac
  done
  case $prev in
${flagsWithValues(commands)
  .map((flag) => `    ${flag.names.join('|')}) ${set(flag.values)} ;;`)
  .join('\n')}
    *) if [[ $cur == -* ]]; then
        case $command in
${commands.map((each) => `          ${pattern(each)}) words='${each.flags.flatMap((flag) => flag.names).join(' ')}' ;;`).join('\n')}
        esac
      else
        case $command in
          '') ${set({ words: names(commands), paths: 'files' })} ;;
${commands.map((each) => `          ${each.name}) ${set(each.rest)} ;;`).join('\n')}
        esac
      fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ $paths ]]; then
    local IFS=$'\\n'
    compopt -o filenames 2> /dev/null
    COMPREPLY+=($(compgen "$paths" -- "$cur"))
  fi
}
complete -F _stylize_tui stylize-tui
`;
}

function zsh(commands: readonly CommandWords[]): string {
  const add = ({ words, paths }: Values) => {
    const parts = [words.length > 0 && `compadd -- ${words.join(' ')}`];
    parts.push(paths === 'files' ? '_files' : paths === 'folders' && '_files -/');
    return parts.filter(Boolean).join('; ') || ':';
  };
  const item = (name: string, describe: string) =>
    `'${name.replaceAll(':', '\\:')}:${describe.replaceAll("'", "'\\''")}'`;
  const flagItems = ({ flags }: CommandWords) =>
    flags.flatMap((flag) => flag.names.map((name) => item(name, flag.describe))).join(' ');
  const pattern = ({ name }: CommandWords) => (isImplied(name) ? `(''|${name})` : `(${name})`);
  return `#compdef stylize-tui
# To install: stylize-tui completion zsh > ~/.zfunc/_stylize-tui, with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc
_stylize_tui() {
  local command word previous=$words[CURRENT-1]
  local -a candidates
  for word in $words[2,CURRENT-1]; do
    case $word in (${names(commands).join('|')}) command=$word; break ;; esac
  done
  if [[ $words[CURRENT] == --*=* ]]; then
    previous=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  case $previous in
${flagsWithValues(commands)
  .map((flag) => `    (${flag.names.join('|')}) ${add(flag.values)}; return ;;`)
  .join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    case $command in
${commands.map((each) => `      ${pattern(each)} candidates=(${flagItems(each)}) ;;`).join('\n')}
    esac
    _describe flag candidates
    return
  fi
  case $command in
    ('') candidates=(${commands.map(({ name, describe }) => item(name, describe)).join(' ')}); _describe command candidates; _files ;;
${commands.map((each) => `    (${each.name}) ${add(each.rest)} ;;`).join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _stylize_tui "$@"; else compdef _stylize_tui stylize-tui; fi
`;
}

function fish(commands: readonly CommandWords[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const line = (...parts: (string | false)[]) =>
    ['complete -c stylize-tui', ...parts].filter(Boolean).join(' ');
  const when = (those: readonly string[]) => `-n 'contains (__stylize_tui_command) ${those.join(' ')}'`;
  const take = ({ words, paths }: Values) =>
    [paths ? '-F' : '-f', words.length > 0 && `-a ${quoted(words.join(' '))}`].filter(Boolean).join(' ');
  const byFlag = new Map<string, FlagWords & { commands: string[] }>();
  for (const { name, flags } of commands)
    for (const flag of flags) {
      const known = byFlag.get(flag.names.join());
      if (known) known.commands.push(name);
      else byFlag.set(flag.names.join(), { ...flag, commands: [name] });
    }
  const spelled = (name: string) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  return `# To install: stylize-tui completion fish > ~/.config/fish/completions/stylize-tui.fish
function __stylize_tui_command
  for word in (commandline -opc)[2..]
    if contains -- $word ${names(commands).join(' ')}
      echo $word
      return
    end
  end
  echo ${usual}
end
${[
  ...commands.map(({ name, describe }) =>
    line('-n __fish_use_subcommand', `-a ${name}`, `-d ${quoted(describe)}`),
  ),
  ...commands.map(({ name, rest }) => line(when([name]), take(rest))),
  ...[...byFlag.values()].map(({ names, describe, values, commands }) =>
    line(
      when(commands),
      ...names.map(spelled),
      values !== undefined && `-r ${take(values)}`,
      `-d ${quoted(describe)}`,
    ),
  ),
].join('\n')}
`;
}
