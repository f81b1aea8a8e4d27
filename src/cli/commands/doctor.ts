/** stylize-tui doctor: checks whether everything works and how to fix what does not. Its output is meant for bug reports. */
import type { Argv, CommandModule } from 'yargs';
import { z } from 'zod';
import { detectLook } from '../../tui/look.js';
import { program } from '../../util/program.js';
import { checkEngines } from '../checks/engines.js';
import { bad, describeError, type Finding, findingSchema } from '../checks/finding.js';
import { reinstall } from '../checks/fixes.js';
import { checkFolders } from '../checks/folders.js';
import { hideHome } from '../checks/home.js';
import { checkLibraries } from '../checks/libraries.js';
import { checkMachine } from '../checks/machine.js';
import { checkNetworks } from '../checks/network.js';
import { checkTerminal } from '../checks/terminal.js';
import { areaText } from '../checks/text.js';
import { checkTools } from '../checks/tools.js';

/** In output order. They run one at a time, so that none disturbs the measurement of speed. */
const checks = {
  program: checkMachine,
  libraries: checkLibraries,
  network: checkNetworks,
  engines: checkEngines,
  tools: checkTools,
  terminal: checkTerminal,
  folders: checkFolders,
} satisfies Record<string, () => Finding[] | Promise<Finding[]>>;

type Area = keyof typeof checks;
const areas = Object.keys(checks) as Area[];

/** What `--json` prints. */
export const reportSchema = z.strictObject({
  program: z.string(),
  version: z.string(),
  areas: z.record(z.enum(areas), z.array(findingSchema)),
});

interface DoctorFlags {
  json: boolean;
}

export const doctorCommand: CommandModule<object, DoctorFlags> = {
  command: 'doctor',
  describe: 'Check that everything works, and how to fix what does not',
  builder: (yargs) =>
    yargs.option('json', {
      type: 'boolean',
      default: false,
      describe: 'One JSON document on stdout',
    }) as Argv<DoctorFlags>,
  handler: async ({ json }) => {
    const look = detectLook();
    const width = Math.max(50, Math.min(80, process.stdout.columns || 80));
    const found: [Area, Finding[]][] = [];
    for (const area of areas) {
      const findings = await check(area);
      found.push([area, findings]);
      if (!json) process.stdout.write(`${areaText(area, findings, width, look)}\n\n`);
    }
    const all = found.flatMap(([, findings]) => findings);
    const count = (status: Finding['status']) => all.filter((finding) => finding.status === status).length;
    if (json) {
      const { name, version } = program;
      const report = { program: name, version, areas: Object.fromEntries(found) };
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      const missing = `${count('missing')} missing but optional`;
      process.stdout.write(`${count('good')} good, ${missing}, ${count('bad')} bad\n`);
    }
    if (count('bad') > 0) process.exitCode = 1;
  },
};

/** An error of a check is a finding too. */
async function check(area: Area): Promise<Finding[]> {
  const findings = await Promise.resolve()
    .then(checks[area])
    .catch((error: unknown) => [bad(area, `cannot be checked: ${describeError(error).found}`, reinstall)]);
  return findings.map((finding) => {
    const hidden = { ...finding, found: hideHome(finding.found) };
    return 'fix' in hidden && hidden.fix ? { ...hidden, fix: hideHome(hidden.fix) } : hidden;
  });
}
