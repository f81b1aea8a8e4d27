/** The gallery: its files, its pages in a real browser, and its server, also against those who mean no good. */
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scan } from '../../src/inbox/scan.js';
import { hasBrowser, launchBrowser } from './browser.js';
import { cat, coffee, newFolder, rocket, shallow, start, wave } from './program.js';

const quick = [
  '--styles',
  wave,
  '--size',
  '64',
  '--iterations',
  '2',
  '--scales',
  '1',
  '--threads',
  '1',
  ...shallow,
];

/** Names that would do something in a page that does not escape them. */
const hostile = [
  '<img src=x onerror=alert(1)>.jpg',
  `" onerror="alert(1)" x='.jpg`,
  'line\nbreak \u202egnp.jpg',
];

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let inbox: string;
let outbox: string;
let browser: Browser;

beforeAll(async () => {
  inbox = await newFolder();
  outbox = join(inbox, 'stylized');
  for (const [i, name] of hostile.entries()) copyFileSync([cat, coffee, rocket][i], join(inbox, name));
  const { exitCode, stderr } = await start('watch', inbox, '--once', '--no-tui', ...quick);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  if (hasBrowser) browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(inbox, { recursive: true, force: true });
});

/** Paths relative to the folder. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** What a page told of problems. */
async function openPage(url: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('dialog', () => problems.push('a dialog'));
  // The news end when the page does.
  page.on('requestfailed', (failed) => /\/events/.test(failed.url()) || problems.push(failed.url()));
  page.on(
    'response',
    (answer) => answer.status() >= 400 && problems.push(`${answer.status()} ${answer.url()}`),
  );
  await page.goto(url);
  return { page, problems };
}

/** Rules of accessibility that a page breaks. The policy of our pages keeps out scripts, axe too, unless it comes from the browser. */
async function brokenRules(page: Page): Promise<string[]> {
  // What is half faded in has too little contrast.
  await page.evaluate(`Promise.all(
    document.getAnimations()
      .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
      .map(({ finished }) => finished.catch(() => {})),
  )`);
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = (await page.evaluate('axe.run({ preload: false })')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}

describe('as files', () => {
  let first: string;
  beforeAll(async () => {
    // More than a page of them.
    const [painting] = readdirSync(outbox).filter((name) => name.endsWith('.jpg'));
    for (let i = 0; i < 60; i++) copyFileSync(join(outbox, painting), join(outbox, `copy ${i}.jpg`));
    writeFileSync(join(outbox, 'broken.jpg'), readFileSync(join(outbox, painting)).subarray(0, 5000));
    const { stdout, stderr, exitCode } = await start('gallery', inbox, '--title', 'A <b>party</b>');
    expect(stdout).toMatch(/^63 paintings, 63 new: .*index\.html$/m);
    // Named, and no reason to leave out others.
    expect(stderr).toMatch(/broken\.jpg: .*left out of the gallery/);
    expect(exitCode).toBe(1);
    rmSync(join(outbox, 'broken.jpg'));
    first = join(outbox, 'gallery');
  });

  it('tells no paths and no places, asks nobody else for anything, and escapes names', async () => {
    for (const path of filesOf(first)) {
      if (/\.(webp|jpg)$/.test(path)) {
        const { exif, xmp, iptc, icc } = await sharp(path).metadata();
        expect({ exif, xmp, iptc, icc }).toEqual({});
        continue;
      }
      const text = readFileSync(path, 'utf8');
      for (const secret of [inbox, tmpdir(), homedir(), 'stylize-tui/presets'])
        expect(text).not.toContain(`${secret}/`);
      expect(text).not.toMatch(/https?:|\/\/\w/);
      if (path.endsWith('.html')) expect(text).not.toMatch(/<img src=x|" onerror=|<b>party/);
    }
  });

  it('does only what is new at the second run, and forgets what was removed', async () => {
    const times = () => new Map(filesOf(first).map((path) => [path, statSync(path).mtimeMs]));
    const before = times();
    const again = await start('gallery', outbox, '--title', 'A <b>party</b>');
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^63 paintings, 0 new/) });
    expect(times()).toEqual(before);
    // One that is not whole, as after a power failure, is made again.
    const [some] = filesOf(first).filter((path) => path.endsWith('painting.jpg'));
    writeFileSync(some, '');
    for (const i of [1, 2, 3]) rmSync(join(outbox, `copy ${i}.jpg`));
    const fewer = await start('gallery', outbox);
    expect(fewer.stdout).toMatch(/^60 paintings, [01] new/);
    expect(filesOf(join(first, 'paintings'))).toHaveLength(60);
    expect(readdirSync(join(first, 'pictures'))).toHaveLength(60);
    expect(readdirSync(first)).not.toContain('page-2.html');
  });

  it('is no inbox, and takes no folder of something else', async () => {
    const options = { folder: first, outbox: '', recursive: true };
    expect(await scan(options)).toMatchObject({ files: [], unread: [] });
    const foreign = await newFolder();
    writeFileSync(join(foreign, 'index.html'), 'mine');
    const refused = await start('gallery', outbox, '--output', foreign);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/is not empty, and no gallery/),
    });
    expect(readFileSync(join(foreign, 'index.html'), 'utf8')).toBe('mine');
    rmSync(foreign, { recursive: true });
  });

  it.skipIf(!hasBrowser)('works from a disk, with the keyboard, for everybody', async () => {
    const { page, problems } = await openPage(pathToFileURL(join(first, 'index.html')).href);
    expect(await page.locator('.card').count()).toBe(60);
    expect(await brokenRules(page)).toEqual([]);
    await page.locator('.card a').first().click();
    const slider = page.getByRole('slider', { name: 'Share of the photo that is shown' });
    const edge = () => page.evaluate("getComputedStyle(document.querySelector('.painting')).clipPath");
    const before = await edge();
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    expect(await edge()).not.toBe(before);
    await page.keyboard.press('End');
    expect(await slider.getAttribute('aria-valuetext')).toBe('100 % photo, 0 % painting');
    const box = (await page.locator('#compare').boundingBox())!;
    await page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
    expect(Number(await slider.inputValue())).toBeCloseTo(25, -0.5);
    expect(await brokenRules(page)).toEqual([]);
    const here = page.url();
    await slider.blur();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL((url) => url.href !== here);
    expect(problems).toEqual([]);
    await page.close();
  });
});

/** Sends exactly this path, which fetch() would tidy up. */
const ask = (url: string, options: RequestOptions = {}) =>
  new Promise<{ status: number; body: string; answer: IncomingMessage }>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, agent: false, ...options }, (answer) => {
      let body = '';
      answer.on('data', (part) => {
        body += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, body, answer }));
    });
    asked.on('error', reject).end();
  });

describe('served while painting', () => {
  let program: ReturnType<typeof start>;
  let folder: string;
  let url: string;

  /** Starts it, and waits for its address, as this machine sees it. */
  const serve = async (...args: string[]) => {
    program = start('watch', folder, '--no-tui', '--gallery', '0', ...args);
    url = await new Promise<string>((resolve, reject) => {
      program.stderr.on('data', (text) => {
        const [, port, path] = /The gallery: http:\/\/[^:]*:(\d+)(\/\S*)/.exec(String(text)) ?? [];
        if (port) resolve(`http://127.0.0.1:${port}${path}`);
      });
      program.then(({ stderr }) => reject(new Error(stderr)));
    });
  };
  const stop = async () => {
    // execa's own would kill it if it took a while.
    process.kill(program.pid!, 'SIGTERM');
    expect((await program).exitCode).toBe(143);
  };

  beforeAll(async () => {
    folder = await newFolder();
    // Long enough for several previews, and for the rules to be checked meanwhile.
    await serve(
      '--gallery-host',
      '0.0.0.0',
      '--styles',
      wave,
      '--size',
      '128',
      '--iterations',
      '80',
      '--threads',
      '1',
    );
  });
  afterAll(async () => {
    program.kill('SIGKILL');
    await program;
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers only those who know its address, and only what they may ask', async () => {
    const { pathname } = new URL(url);
    const token = pathname.split('/')[1];
    expect(token).toMatch(/^[\w-]{16}$/);
    const statusOf = async (path: string, options: RequestOptions = {}) =>
      (await ask(url, { path, ...options })).status;
    for (const path of [
      '/',
      '/index.html',
      '/events',
      '/x/',
      `/${token.slice(1)}/`,
      `/${token}x/`,
      `//${token}/`,
    ])
      expect([path, await statusOf(path)]).toEqual([path, 404]);
    for (const path of [
      '../../../../../../etc/passwd',
      '..%2f..%2f..%2fetc%2fpasswd',
      '%2e%2e/%2e%2e/etc/passwd',
      'pictures/../../.stylize-tui.sqlite',
      'pictures/0123456789abcdef/..%2fpainting.json',
      'pictures/0123456789abcdef/painting.json',
      'paintings/%00.html',
      'page-99999.html',
      'forming/1.png%00',
      '%',
    ])
      expect([path, [400, 404]]).toEqual([path, expect.arrayContaining([await statusOf(pathname + path)])]);
    const { status, answer } = await ask(url, { path: pathname });
    expect(status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const head = await ask(url, { path: pathname, method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(await statusOf(`${pathname}events`, { method: 'HEAD' })).toBe(200);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect([method, await statusOf(pathname, { method })]).toEqual([method, 405]);
    expect(await statusOf(`${pathname}${'x'.repeat(400)}`)).toBe(414);
    expect(await statusOf(pathname, { headers: { 'x-long': 'x'.repeat(10_000) } })).toBe(431);
  });

  it('lets so many follow the news, and answers others all the same', async () => {
    const path = `${new URL(url).pathname}events`;
    const open: ReturnType<typeof request>[] = [];
    const follow = () =>
      new Promise<number>((resolve, reject) => {
        const { hostname, port } = new URL(url);
        const asked = request({ hostname, port, path, agent: false }, (answer) =>
          resolve(answer.statusCode!),
        );
        open.push(asked.on('error', reject));
        asked.end();
      });
    const statuses = await Promise.all(Array.from({ length: 200 }, follow));
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 503)).toHaveLength(100);
    expect((await ask(url, { path: new URL(url).pathname })).status).toBe(200);
    for (const each of open) each.on('error', () => {}).destroy();
  });

  it.skipIf(!hasBrowser)('shows a painting forming and finished, without a reload', async () => {
    const { page, problems } = await openPage(url);
    await page.evaluate('globalThis.sameDocument = true');
    const show = (await openPage(`${url}show`)).page;
    copyFileSync(cat, join(folder, hostile[1]));
    const form = page.locator('#forming img[src]');
    await form.waitFor({ timeout: 120_000 });
    const earlier = await form.getAttribute('src');
    await expect.poll(() => form.getAttribute('src'), { timeout: 60_000 }).not.toBe(earlier);
    expect(await brokenRules(page)).toEqual([]);
    await page.getByText(/being painted, \d+:\d\d left|being painted/).waitFor();
    await page.locator('.card').waitFor({ timeout: 120_000 });
    await page.locator('#forming').waitFor({ state: 'hidden' });
    expect(await page.locator('#news').textContent()).toMatch(/^New painting: /);
    expect(await page.locator('#count').textContent()).toBe('1 painting');
    expect(await page.evaluate('sameDocument')).toBe(true);

    // The slideshow has it too.
    await show.locator('.slide.on').waitFor();
    const pause = show.getByRole('button', { name: 'Pause' });
    await show.keyboard.press('Space');
    expect(await pause.getAttribute('aria-pressed')).toBe('true');
    expect(await brokenRules(show)).toEqual([]);
    await show.close();

    await page.locator('.card a').click();
    await page.getByRole('slider').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /Download/ }).click(),
    ]);
    expect((await sharp(await download.path()).metadata()).format).toBe('jpeg');
    expect(await brokenRules(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it.skipIf(!hasBrowser)(
    'has everything after a restart, keeps its address secret, and drops what is removed',
    async () => {
      const { pathname } = new URL(url);
      await stop();
      await serve('--gallery-host', '0.0.0.0', ...quick);
      expect(new URL(url).pathname).toBe(pathname);
      await expect
        .poll(async () => (await ask(url, { path: pathname })).body, { timeout: 30_000 })
        .toMatch(/class="card/);
      const { body } = await ask(url, { path: pathname });
      const [, picture] = /src="(pictures\/[^"]*)"/.exec(body)!;
      expect((await ask(url, { path: pathname + picture })).answer.headers['content-type']).toBe(
        'image/webp',
      );
      for (const name of readdirSync(join(folder, 'stylized')).filter((each) => each.endsWith('.jpg')))
        rmSync(join(folder, 'stylized', name));
      await expect
        .poll(async () => (await ask(url, { path: pathname })).body, { timeout: 30_000 })
        .not.toContain(picture);
      expect((await ask(url, { path: pathname + picture })).status).toBe(404);
      await stop();
    },
  );

  it('is on this machine only by default, for its own names, and says if its port is taken', async () => {
    if (program.exitCode === null) await stop();
    await serve(...quick);
    expect(new URL(url).pathname).toBe('/');
    expect((await ask(url, { path: '/' })).status).toBe(200);
    // Another site's name, made to lead here.
    expect((await ask(url, { path: '/', headers: { host: 'evil.example' } })).status).toBe(403);
    await stop();
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const refused = await start('watch', folder, '--no-tui', '--gallery', String(port), ...quick);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        `another program uses port ${port}. Choose another: --gallery ${port + 1}`,
      ),
    });
    taken.close();
    const wrong = await start('watch', '--gallery', folder, ...quick);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toMatch(/watch needs <inbox>/);
  });
});
