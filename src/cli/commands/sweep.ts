/** stylize-tui sweep: paints photos × styles × settings, and arranges the paintings on one sheet. */
import { basename, dirname, extname, join, resolve } from 'node:path';
import stringWidth from 'string-width';
import type { Argv, CommandModule } from 'yargs';
import { inOutbox, jobStorePath } from '../../app/outbox.js';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { paintSession } from '../../app/session.js';
import { examine } from '../../examine/examiner.js';
import { formatOf } from '../../image/formats.js';
import { drawSheet } from '../../image/sheet.js';
import { isThere } from '../../queue/database.js';
import { stateFile } from '../../queue/job.js';
import { JobStore } from '../../queue/store.js';
import type { PaintEvent } from '../../render/events.js';
import { contentBounds } from '../../render/inputs.js';
import { namedStyles } from '../../settings/presets.js';
import { makeFolder, writeWhole } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { printable, shortPath, shortReason } from '../../util/format.js';
import { dryRunFlag, type Planned, printPlan } from '../dry-run.js';
import {
  checkContradictions,
  checkRunning,
  flag,
  paintingOptions,
  refuseSequence,
  runningOptions,
  text,
} from '../flags/options.js';
import { checkOutputs, makeFolders } from '../flags/outputs.js';
import { files } from '../flags/values.js';
import { severalValues, variants } from '../flags/variants.js';
import {
  type Cell,
  cellName,
  type FinishedCell,
  finishedCells,
  planCells,
  readSources,
  type Source,
  sheetOf,
} from '../sweep-grid.js';

interface SweepFlags extends RunningFlags {
  content: string[];
  style?: string[];
  styles?: string[];
  output: string;
  overwrite: boolean;
  dryRun: boolean;
}

export const sweepCommand: CommandModule<object, SweepFlags> = {
  command: 'sweep',
  describe: 'Paint photos × styles × settings, side by side on one sheet',
  builder: (yargs) =>
    severalValues(runningOptions(paintingOptions(yargs)))
      .option('content', {
        ...text('The photos, one per row'),
        array: true,
        coerce: files,
        demandOption: true,
      })
      .option('style', { describe: 'A style, for one column' })
      .option('styles', { describe: 'The styles, one per column' })
      .option('output', {
        ...text('The sheet: .jpg, .png, .webp, .tif, .avif; its paintings go to a folder of the same name'),
        alias: 'o',
        demandOption: true,
      })
      .option('overwrite', flag('Replace an existing sheet'))
      .option('dry-run', dryRunFlag)
      .epilog(
        'Flags may take several numbers or choices, separated by comma or space, and presets, separated by comma: every combination is painted.',
      )
      .example('$0 sweep --content a.jpg --styles x.jpg y.jpg --style-weight 3,10,30 --output sheet.jpg', '')
      .example(
        '$0 sweep --content a.jpg b.jpg --styles x.jpg --preset draft,good --output sheet.jpg',
        '',
      ) as unknown as Argv<SweepFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const sheet = resolve(flags.output);
    formatOf(sheet);
    checkContradictions({ ...flags });
    refuseSequence('sweep', { ...flags });
    const given = [flags.style ?? [], flags.styles ?? []].flat();
    if (given.length === 0)
      throw new UserError('Which styles? Name them with --styles: files, or names such as starry-night.');
    const names = await namedStyles({ styles: given }, '.');
    const contents = await readSources(flags.content);
    const styles = await readSources(given.map((style) => names.get(style) ?? style));
    // Each cell has all of its settings, so that choices on the screen for later pictures do not change them.
    const recipes = new Recipes({});
    const cells = await planCells(
      contents,
      styles,
      variants({ ...flags }),
      { ...flags, style: undefined },
      recipes,
    );
    const originals = [...contents, ...styles].filter(({ hash }) => hash !== '').map(({ path }) => path);
    const outputs = { output: sheet, progress: [], snapshots: [] };
    await checkOutputs(outputs, originals, flags.overwrite);
    if (flags.dryRun) return printPlan(await planSweep(cells, sheet), flags);
    await makeFolders(outputs);
    const finished = await paintCells(cells, [...contents, ...styles], recipes, sheet, flags);
    if (!finished) return;
    const bytes = await drawSheet(sheetOf(contents, styles, finished), formatOf(sheet));
    await writeWhole(sheet, bytes, { overwrite: flags.overwrite });
    if (finished.some(({ output }) => output === undefined)) process.exitCode = 1;
    if (flags.json) process.stdout.write(`${JSON.stringify(toEvent(sheet, finished))}\n`);
    else if (!flags.quiet) process.stdout.write(report(sheet, finished));
  },
};

/** The folder of the paintings, next to the sheet. */
const folderOf = (sheet: string) => join(dirname(sheet), basename(sheet, extname(sheet)));

/** What paintCells() would paint. */
async function planSweep(cells: readonly Cell[], sheet: string): Promise<Planned[]> {
  const folder = folderOf(sheet);
  const store = isThere(jobStorePath(folder)) ? new JobStore(jobStorePath(folder)) : undefined;
  const plan: Planned[] = [];
  for (const cell of cells) {
    const { content, style, recipe } = cell;
    const { path: source, hash: sourceHash } = content;
    const settingsHash = recipe?.hash ?? '';
    const past = store?.history.settled({ source, sourceHash, settingsHash, askedHash: settingsHash });
    const reason = content.reason ?? style.reason ?? past?.why;
    if (reason !== undefined || !recipe) plan.push({ source, reason: reason ?? '' });
    else {
      const { size } = await examine('picture', { path: source, bounds: contentBounds(recipe.settings) });
      plan.push({ source, recipe, size, output: join(folder, `${cellName(cell)}.png`) });
    }
  }
  store?.close();
  return plan;
}

/** Paints the cells that are not painted yet, into a folder next to the sheet. Undefined if stopped before the end. */
async function paintCells(
  cells: readonly Cell[],
  sources: readonly Source[],
  recipes: Recipes,
  sheet: string,
  flags: SweepFlags,
): Promise<FinishedCell[] | undefined> {
  const folder = folderOf(sheet);
  await makeFolder(folder);
  return inOutbox(folder, async (store, lease) => {
    await paintSession({
      title: `sweep ${cells.length} paintings → ${shortPath(sheet)}`,
      flags,
      store,
      recipes,
      variants: true,
      outbox: folder,
      stateFor: (job) => stateFile(folder, job),
      outputFor: ({ sourceHash, askedHash }) => {
        const isOfJob = ({ content, recipe }: Cell) =>
          content.hash === sourceHash && recipe?.hash === askedHash;
        return store.freeOutput(join(folder, `${cellName(cells.find(isOfJob)!)}.png`));
      },
      feed: async (intake) => {
        for (const { path, hash, reason } of sources)
          if (reason !== undefined) await intake.reject(path, hash, reason);
        // Paintings of version 0.1 do not count as painted, since a sheet compares the current effect of settings.
        for (const { content, recipe } of cells)
          if (recipe) await intake.add(content.path, content.hash, { ...recipe, formerHashes: [] });
      },
      background: (_, say) =>
        lease.keep(
          async () => {},
          ({ message }) => say(message),
        ),
    });
    return finishedCells(cells, store.history);
  });
}

function toEvent(output: string, cells: readonly FinishedCell[]): PaintEvent {
  const results = cells.map(({ content, style, variant, output, flaws, reason }) => ({
    content: content.path,
    style: style.path,
    variant: variant.label,
    ...{ output, flaws, reason },
  }));
  return { event: 'sheet', time: new Date().toISOString(), output, cells: results };
}

/** A line for each painting, and the path of the sheet. */
function report(sheet: string, cells: readonly FinishedCell[]): string {
  const rows = cells.map((cell) => {
    const { output, flaws, reason } = cell;
    if (!output || !flaws) return [cellName(cell), `empty: ${shortReason(cell.content.path, reason!)}`];
    const { specks, rim, clipped, weave, worms, fringes, crushed } = flaws;
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    return [
      basename(output),
      `specks ${specks.toFixed(0)}`.padEnd(12),
      `rim ${rim.toFixed(1)}`.padEnd(9),
      `clipped ${percent(clipped)}`.padEnd(14),
      `weave ${weave.toFixed(1)}`.padEnd(10),
      `worms ${percent(worms!)}`.padEnd(13),
      `fringes ${fringes!.toFixed(1)}`.padEnd(12),
      `crushed ${percent(crushed!)}`,
    ];
  });
  const width = Math.max(...rows.map(([name]) => stringWidth(name)));
  const lines = rows.map(([name, ...rest]) =>
    [name + ' '.repeat(width - stringWidth(name)), ...rest].join('  '),
  );
  return [...lines, `The sheet: ${shortPath(sheet)}`].map((line) => `${printable(line)}\n`).join('');
}
