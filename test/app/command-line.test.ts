/** Command lines of --exec, compared with what a shell makes of them. */
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { expect, it } from 'vitest';
import { environment, filled, parseCommand, valuesOf } from '../../src/app/follow-ups/command-line.js';
import type { FollowUp } from '../../src/queue/follow-ups.js';

const row: FollowUp = {
  ...{
    id: 1,
    job: 12,
    kind: 'command',
    what: '',
    status: 'waiting',
    attempts: 0,
    reason: null,
    target: null,
  },
  ...{ styles: ['/s/great-wave.jpg', '/s/b.png'], source: '/in/a b.jpg', sourceHash: '' },
  ...{ output: '/out/a b.jpg', why: 'no picture' },
};

const words = (line: string, source: string = row.source) =>
  filled(parseCommand('--exec', line, false), valuesOf({ ...row, source, output: `/out${source.slice(3)}` }));

/** Each word that a shell splits this line into. */
const byShell = (line: string) =>
  execFileSync('/bin/sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1);

it.each([
  'echo -d canon file',
  'echo   -o "media=A4"\t-t \'two words\' file',
  'echo -t it\\\'s "a \\"quoted\\" word" "back\\\\slash"',
  `echo -t 'say "x"'"joined"' word' ""`,
])('splits %s as a shell does', (line) => {
  expect(words(line)).toEqual(byShell(line));
});

it('leaves to the command what only a shell acts on', () => {
  expect(words('echo $(id) `id` ; rm > x * $HOME')).toEqual([
    'echo',
    '$(id)',
    '`id`',
    ';',
    'rm',
    '>',
    'x',
    '*',
    '$HOME',
  ]);
  expect(words('cp {output} ~/pictures')[2]).toBe(`${homedir()}/pictures`);
});

it.each(['two words', "it's", '"', '-rf', '; touch x', '$(touch x)', 'a\nb', '{job}', '~', '$&'])(
  'keeps a name with %j in its argument',
  (name) => {
    const path = `/in/${name}.jpg`;
    expect(words('cp {source} {output} --title={name}', path)).toEqual([
      'cp',
      path,
      `/out/${name}.jpg`,
      `--title=${name}`,
    ]);
  },
);

it('fills in each placeholder', () => {
  expect(words('echo {name} {style} {job}')).toEqual(['echo', 'a b', 'great-wave+b', '12']);
  const failed = parseCommand('--exec-failed', 'echo {reason}', false);
  expect(filled(failed, valuesOf(row))).toEqual(['echo', 'no picture']);
});

it('gives a shell the values in its environment, never in its text', () => {
  const command = parseCommand('--exec', 'printf %s "$STYLIZE_NAME" | tr a-z A-Z', true);
  const values = valuesOf({ ...row, source: '/in/$(touch x); "it\'s".jpg' });
  const [shell, ...args] = filled(command, values);
  const output = execFileSync(shell, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment(values) },
  });
  expect(output).toBe('$(TOUCH X); "IT\'S"');
});

it.each([
  [
    '--exec',
    'lp {ouput}',
    false,
    /there is no {ouput}. Did you mean {output}\? There are {output}, {source}/,
  ],
  ['--exec', 'echo {reason}', false, /there is no {reason}/],
  ['--exec-failed', 'echo {output}', false, /there is no {output}/],
  ['--exec', 'lp "{output}', false, /a quotation mark is not closed/],
  ['--exec', 'no-such-command {output}', false, /there is no command no-such-command\. Install it/],
  ['--exec', './package.json', false, /there is no command .\/package.json/],
  ['--exec', ' ', false, /expected a command, got nothing/],
  ['--exec', 'lp {output}', true, /write "\$STYLIZE_OUTPUT" in place of {output}/],
] as const)('%s %j is a mistake', (flag, line, shell, message) => {
  expect(() => parseCommand(flag, line, shell)).toThrow(message);
});
