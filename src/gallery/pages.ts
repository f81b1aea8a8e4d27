/** The pages of a gallery, on a disk and from a server alike. All text is escaped by hono's html``. */
import { html } from 'hono/html';
import { duration } from '../util/format.js';
import { localMinute } from '../util/time.js';
import type { Painting, PaintingFile } from './painting.js';
import { ratioClass } from './style.js';

type Html = ReturnType<typeof html>;

export interface Site {
  title: string;
  /** Served while painting goes on: new paintings arrive by themselves. */
  live: boolean;
}

/** Paintings on a page. */
export const pageLength = 60;

export const pageCount = (paintings: number) => Math.max(1, Math.ceil(paintings / pageLength));

/** The file of an index page, from 1. */
export const pageName = (page: number) => (page === 1 ? 'index.html' : `page-${page}.html`);

/** Nothing from elsewhere, no scripts or styles within the page. `file:` is for galleries opened from a disk. */
export const contentPolicy =
  "default-src 'none'; img-src 'self' file: data:; style-src 'self' file:; script-src 'self' file:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** An index page. */
export function indexPage(site: Site, paintings: readonly Painting[], page: number): Html {
  const shown = paintings.slice((page - 1) * pageLength, page * pageLength);
  const pages = pageCount(paintings.length);
  const isLive = site.live && page === 1;
  return document({
    title: page === 1 ? site.title : `${site.title}, page ${page}`,
    root: '',
    kind: isLive ? 'index live' : 'index',
    body: html`
<header class="top">
<h1>${page === 1 ? site.title : html`<a href="index.html">${site.title}</a>`}</h1>
<p><span id="count">${counted(paintings.length)}</span>${site.live ? html` <a href="show">Slideshow</a>` : ''}</p>
</header>
<main>
${isLive ? formingTemplate() : ''}
<p class="empty" id="empty" ${paintings.length > 0 ? 'hidden' : ''}>${site.live ? 'The first painting will appear here by itself.' : 'There are no paintings yet.'}</p>
<ul class="wall" id="wall" data-length="${pageLength}">${shown.map((painting) => card(painting))}</ul>
</main>
${pages > 1 ? pageLinks(page, pages) : ''}
${isLive ? html`<p class="spoken" id="news" role="status"></p>` : ''}`,
  });
}

/** A painting on an index page. */
export const card = (painting: Painting): Html => html`
<li class="card ${ratioClass(painting.full)}" data-id="${painting.id}"><a href="paintings/${painting.id}.html">
${picture(painting, '', '(max-width: 40rem) 90vw, 28rem', '')}
<span class="label"><span class="title">${painting.title}</span>${painting.style ? html` <span class="style">${painting.style}</span>` : ''}</span>
</a></li>`;

/**
 * The page of a painting.
 * @param newer the painting before it on the index pages
 * @param older the one after it
 * @param page the index page that it is on, from 1
 */
export function paintingPage(
  site: Site,
  painting: Painting,
  { newer, older, page }: { newer?: Painting; older?: Painting; page: number },
): Html {
  const { id, title, style, photo, full, finished, facts } = painting;
  const link = (rel: 'prev' | 'next', label: string, to: Painting | undefined) =>
    to
      ? html`<a rel="${rel}" href="${to.id}.html">${label}<span class="spoken">: ${to.title}</span></a>`
      : html`<span aria-hidden="true">${label}</span>`;
  return document({
    title: `${title} · ${site.title}`,
    root: '../',
    kind: 'work',
    body: html`
<header class="top"><p><a href="../${pageName(page)}">${site.title}</a></p>
<nav aria-label="Paintings">${link('prev', 'Newer', newer)} ${link('next', 'Older', older)}</nav></header>
<main>
<figure class="frame ${ratioClass(full)}">
${
  photo
    ? html`<div class="compare" id="compare">
<img class="photo" src="../pictures/${id}/${photo.name}" width="${photo.width}" height="${photo.height}" alt="The photo">
${picture(painting, '../', '96vw', 'The painting', 'painting')}
<input type="range" min="0" max="100" value="0" aria-label="Share of the photo that is shown" hidden>
<span class="handle" aria-hidden="true" hidden></span>
</div>`
    : picture(painting, '../', '96vw', `The painting ${title}`)
}
</figure>
<div class="text ${ratioClass(full)}">
<div><h1>${title}</h1>
${style ? html`<p class="style">in the style of ${style}</p>` : ''}
${photo ? html`<p class="hint" id="hint" hidden>Drag across the picture to see the photo.</p>` : ''}
<p><a class="button" href="../pictures/${id}/${full.name}" download="${title}.jpg">Download<span class="spoken"> the painting, ${full.width} by ${full.height} pixels</span></a></p></div>
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
<div><dt>painted</dt><dd><time datetime="${finished}">${localMinute(finished)}</time></dd></div></dl>
</div>
</main>`,
  });
}

/** The slideshow for a second display, newest first. */
export function showPage(site: Site, paintings: readonly Painting[]): Html {
  return document({
    title: `Slideshow · ${site.title}`,
    root: '',
    kind: 'show live',
    body: html`
<main id="slides" data-length="${pageLength}">
<h1 class="spoken">${site.title}: slideshow</h1>
<p class="empty" id="empty" ${paintings.length > 0 ? 'hidden' : ''}>The first painting will appear here by itself.</p>
${paintings.slice(0, pageLength).map((painting) => slide(painting))}
</main>
${formingTemplate()}
<nav class="controls" aria-label="Slideshow">
<button type="button" id="back">Previous</button>
<button type="button" id="pause" aria-pressed="false">Pause</button>
<button type="button" id="forward">Next</button>
<button type="button" id="full">Full screen</button>
<a href="index.html">All paintings</a>
</nav>`,
  });
}

/** A painting of the slideshow. */
export const slide = (painting: Painting): Html => html`
<figure class="slide" data-id="${painting.id}" hidden>
${painting.photo ? html`<img class="photo" src="pictures/${painting.id}/${painting.photo.name}" width="${painting.photo.width}" height="${painting.photo.height}" alt="" loading="lazy">` : ''}
${picture(painting, '', '100vw', `The painting ${painting.title}`, 'painting')}
<figcaption><span class="title">${painting.title}</span>${painting.style ? html` <span class="style">in the style of ${painting.style}</span>` : ''}</figcaption>
</figure>`;

/** A picture that is being painted: what its element on a page shows. */
export interface Forming {
  job: number;
  title: string;
  /** 0 to 1. */
  share: number;
  /** How long it will take, as text. */
  left: string;
  /** Number of its latest preview; 0 before the first one. */
  preview: number;
}

/** Seconds left as text; undefined while there is no telling. */
export const leftText = (seconds: number | undefined) =>
  seconds === undefined ? 'being painted' : `being painted, ${duration(seconds)} left`;

/** The browser fills it in, once for each picture that is being painted. */
const formingTemplate = (): Html => html`
<section class="forming" id="forming" aria-label="Being painted" hidden></section>
<template id="formed"><article><div class="canvas"><img alt="" hidden></div><div>
<p class="title"></p><progress max="1"></progress><p class="left"></p></div></article></template>`;

function document({
  title,
  root,
  kind,
  body,
}: {
  title: string;
  root: string;
  kind: string;
  body: Html;
}): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${kind.startsWith('show') ? 'dark' : 'light dark'}">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}gallery.css">
<script src="${root}gallery.js" defer></script>
</head>
<body class="${kind}">
${body}
</body>
</html>
`;
}

/** @param sizes how wide it is shown, as in HTML */
function picture(
  { id, pictures }: Painting,
  root: string,
  sizes: string,
  alt: string,
  className?: string,
): Html {
  const url = ({ name }: PaintingFile) => `${root}pictures/${id}/${name}`;
  const largest = pictures.at(-1)!;
  const sources = pictures.map((file) => `${url(file)} ${file.width}w`).join(', ');
  return html`<img class="${className ?? ''}" src="${url(largest)}" srcset="${sources}" sizes="${sizes}" width="${largest.width}" height="${largest.height}" alt="${alt}" ${sizes === '96vw' ? '' : html`loading="lazy"`} decoding="async">`;
}

function pageLinks(page: number, pages: number): Html {
  const near = [1, page - 2, page - 1, page, page + 1, page + 2, pages];
  const shown = [...new Set(near)].filter((each) => each >= 1 && each <= pages).sort((a, b) => a - b);
  const step = (label: string, to: number, rel: string) =>
    to >= 1 && to <= pages
      ? html`<a rel="${rel}" href="${pageName(to)}">${label}</a>`
      : html`<span aria-hidden="true">${label}</span>`;
  return html`<nav class="pages" aria-label="Pages">
${step('Newer', page - 1, 'prev')}
<ol>${shown.map((each, i) => {
    const gap = i > 0 && each > shown[i - 1] + 1 ? html`<li aria-hidden="true">…</li>` : '';
    return each === page
      ? html`${gap}<li><a aria-current="page" href="${pageName(each)}"><span class="spoken">Page </span>${each}</a></li>`
      : html`${gap}<li><a href="${pageName(each)}"><span class="spoken">Page </span>${each}</a></li>`;
  })}</ol>
${step('Older', page + 1, 'next')}
</nav>`;
}

/** How many there are, as text; empty for none. */
export const counted = (n: number) =>
  n === 0 ? '' : `${n.toLocaleString('en')} ${n === 1 ? 'painting' : 'paintings'}`;
