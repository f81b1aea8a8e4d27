/**
 * Loaded into the program and its painting process before all else. Notes each step that puts a picture in its place
 * into STEPS_FILE, and before the one numbered CUT_BEFORE ends the whole process group, as a power cut would.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const { STEPS_FILE = '', CUT_BEFORE, CUT_PICTURE = '' } = process.env;
const isChild = process.send !== undefined;
/** Counting begins with the picture that it is about: earlier ones may have to be painted again first. */
let isCounting = false;

/** @param {string} name */
function step(name) {
  if (!isCounting) return;
  appendFileSync(STEPS_FILE, `${name}\n`);
  const steps = readFileSync(STEPS_FILE, 'utf8').trim().split('\n').length;
  if (steps === Number(CUT_BEFORE)) process.kill(0, 'SIGKILL');
}

// Not as a listener: with the first one messages begin to come, and the child has not yet its own.
const { emit } = process;
process.emit = /** @type {typeof emit} */ (
  (/** @type {any[]} */ ...args) => {
    const [name, message] = args;
    if (name === 'message' && message.type === 'render')
      isCounting = message.job.source.endsWith(CUT_PICTURE);
    return Reflect.apply(emit, process, args);
  }
);

const { open, writeFile, rename, link, rm } = promises;
Object.assign(promises, {
  /** @param {Parameters<typeof open>} args */
  open: async (...args) => {
    const [, flags] = args;
    if (flags === 'wx') step('create');
    const handle = await open(...args);
    const { sync } = handle;
    handle.sync = () => {
      step(flags === 'wx' ? 'sync file' : `sync folder`);
      return sync.call(handle);
    };
    return handle;
  },
  /** @param {Parameters<typeof writeFile>} args */
  writeFile: async (...args) => {
    const [file, data] = args;
    if (typeof file !== 'object' || !('sync' in file)) return writeFile(...args);
    // Half of it is there when the power goes.
    const pieces = /** @type {Uint8Array | Uint8Array[]} */ (data);
    const bytes = Buffer.concat(Array.isArray(pieces) ? pieces : [pieces]);
    await file.write(bytes, 0, bytes.length >> 1);
    step('write');
    await file.writeFile(bytes.subarray(bytes.length >> 1));
  },
  /** @param {Parameters<typeof rename>} args */
  rename: (...args) => {
    step('rename');
    return rename(...args);
  },
  /** @param {Parameters<typeof link>} args */
  link: (...args) => {
    step('link');
    return link(...args);
  },
  /** @param {Parameters<typeof rm>} args */
  rm: (...args) => {
    const path = String(args[0]);
    if (/\.(tmp|state)$/.test(path)) step(`remove ${path.split('.').at(-1)}`);
    return rm(...args);
  },
});
syncBuiltinESMExports();

if (!isChild) {
  const Database = createRequire(import.meta.url)('libsql');
  const { prepare } = Database.prototype;
  Database.prototype.prepare = function (/** @type {string} */ sql) {
    const statement = prepare.call(this, sql);
    if (!sql.startsWith('UPDATE jobs SET output') && !/SET status = 'done'.*losses/.test(sql))
      return statement;
    return {
      run: (/** @type {string[]} */ ...values) => {
        if (sql.includes('losses')) step('ledger');
        else isCounting = values[0].endsWith(CUT_PICTURE);
        return statement.run(...values);
      },
    };
  };
}
