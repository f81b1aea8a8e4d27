/** The style sheet of a gallery. Pages hold no styles of their own, which the content policy forbids. */
import type { Size } from '../image/picture.js';

/** Aspect ratios that have a class; the nearest one is used. */
const ratios = Array.from({ length: 60 }, (_, i) => Number((0.25 * 1.05 ** i).toFixed(3)));

/** The class of a picture's aspect ratio, by which rows of pictures get equal heights. */
export function ratioClass({ width, height }: Size): string {
  const distance = (ratio: number) => Math.abs(Math.log(ratio / (width / height)));
  const nearest = ratios.reduce((best, ratio, i) => (distance(ratio) < distance(ratios[best]) ? i : best), 0);
  return `r${nearest}`;
}

export const styleSheet = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f2; --ink: #1d1c1a; --faint: #65625c; --line: #d9d6cf; --accent: #8a3b12;
  --gap: clamp(1.25rem, 2.5vw, 3rem);
  --row: clamp(11rem, 19vw, 24rem);
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "P052", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #161513; --ink: #ece9e3; --faint: #a5a097; --line: #36332e; --accent: #e8a87c; }
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { font-size: clamp(100%, 0.72vw + 0.4rem, 200%); -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); font: 1rem/1.5 var(--sans); }
h1, .title { font-family: var(--serif); font-weight: 400; }
h1 { margin: 0; font-size: clamp(1.7rem, 3.2vw, 2.6rem); line-height: 1.15; letter-spacing: -0.01em; overflow-wrap: anywhere; }
p { margin: 0; }
a { color: inherit; text-decoration-color: var(--line); text-decoration-thickness: 1px; text-underline-offset: 0.25em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 1px; }
img { display: block; max-width: 100%; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.top { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; align-items: baseline; justify-content: space-between; padding: var(--gap) var(--gap) 0; }
.top p, .top nav { color: var(--faint); }
.top p a, .top nav a, .top nav span { display: inline-block; padding: 0.4rem 0; }
.top p span:not(:empty) + a, .top nav > * + * { margin-left: 1.25rem; }
.top nav span[aria-hidden], .pages > span { visibility: hidden; }
main { padding: var(--gap); }
.empty { padding: 18vh 1rem; text-align: center; font: italic 1.3rem var(--serif); color: var(--faint); }

.wall { display: flex; flex-wrap: wrap; gap: var(--gap); margin: 0; padding: 0; list-style: none; }
.card { flex: var(--r) 1 calc(var(--r) * var(--row)); max-width: min(100%, calc(var(--r) * var(--row) * 1.35)); min-width: 0; }
.card a { display: block; text-decoration: none; }
.card img { width: 100%; height: auto; aspect-ratio: var(--r); object-fit: cover; background: var(--line); }
.label { display: block; padding-top: 0.6rem; line-height: 1.3; overflow-wrap: anywhere; }
.label .title { font-size: 1.05rem; display: block; }
.card a:hover .title { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 0.25em; }
.style { color: var(--faint); }
.label .style { font-size: 0.85rem; }
.arriving { animation: arrive 1.4s ease-out; }
@keyframes arrive { from { opacity: 0; transform: translateY(-1.5rem); } }

.pages { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; justify-content: center; align-items: center; padding: 0 var(--gap) var(--gap); color: var(--faint); }
.pages ol { display: flex; flex-wrap: wrap; gap: 0.25rem; margin: 0; padding: 0; list-style: none; }
.pages a, .pages li[aria-hidden] { display: inline-block; min-width: 2.75rem; padding: 0.6rem 0.5rem; text-align: center; text-decoration: none; }
.pages a:hover { text-decoration: underline; }
.pages [aria-current] { color: var(--ink); border-bottom: 2px solid var(--accent); }

.frame { margin: 0 auto; width: min(100%, calc(76vh * var(--r))); }
.frame img { width: 100%; height: auto; }
.compare { position: relative; display: grid; --at: 0; }
.compare > * { grid-area: 1 / 1; }
.compare:not(.ready) .photo { grid-area: 2 / 1; margin-top: 1rem; }
.compare.ready { cursor: ew-resize; touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.compare.ready .painting { clip-path: inset(0 0 0 calc(var(--at) * 1%)); }
.compare input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; pointer-events: none; }
.handle { position: absolute; top: 0; bottom: 0; left: calc(var(--at) * 1%); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 6px #0009; pointer-events: none; }
.handle::after { content: "\\2194"; position: absolute; top: 50%; left: 50%; width: 2.75rem; height: 2.75rem; margin: -1.375rem; border-radius: 50%; background: #fffffff0; color: #1d1c1a; font: 1.25rem/2.75rem var(--sans); text-align: center; box-shadow: 0 1px 6px #0006; }
.compare:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 4px; }
.text { display: flex; flex-wrap: wrap; gap: 1.5rem var(--gap); justify-content: space-between; width: min(100%, max(44rem, calc(76vh * var(--r)))); margin: var(--gap) auto 0; }
.text > div { flex: 1 1 18rem; }
.work .style { margin-top: 0.35rem; font: italic 1.1rem var(--serif); }
.hint { margin-top: 0.75rem; color: var(--faint); font-size: 0.9rem; }
.button { display: inline-block; margin-top: 1.25rem; padding: 0.65rem 1.4rem; border: 1px solid var(--ink); text-decoration: none; }
.button:hover { background: var(--ink); color: var(--paper); }
dl { flex: 1 1 22rem; margin: 0; font-size: 0.9rem; }
dl div { display: flex; gap: 1rem; padding: 0.45rem 0; border-bottom: 1px solid var(--line); }
dt { flex: 0 0 8.5rem; color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }

.forming { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: var(--gap); padding-bottom: var(--gap); margin-bottom: var(--gap); border-bottom: 1px solid var(--line); }
.forming article { display: flex; gap: 1.25rem; align-items: center; min-width: 0; }
.forming .canvas { flex: 0 0 auto; width: clamp(8rem, 18vw, 20rem); min-height: 5rem; background: var(--line); }
.forming img { width: 100%; height: auto; max-height: 24rem; object-fit: cover; }
.forming article > div:last-child { flex: 1 1 auto; min-width: 0; max-width: 24rem; }
.forming .title { font-size: 1.2rem; overflow-wrap: anywhere; }
.forming .left { color: var(--faint); font-size: 0.9rem; font-variant-numeric: tabular-nums; }
progress { appearance: none; -webkit-appearance: none; display: block; width: 100%; height: 3px; margin: 0.7rem 0; border: 0; background: var(--line); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: var(--accent); transition: width 1s linear; }
progress::-moz-progress-bar { background: var(--accent); }

.show { --paper: #0b0b0a; --ink: #ece9e3; --faint: #b1aca3; --line: #36332e; --accent: #e8a87c; overflow: hidden; }
.show main { padding: 0; }
.slide { position: fixed; inset: 0; margin: 0; display: grid; grid-template-rows: minmax(0, 1fr) auto; padding: 3vh 3vw 2.5vh; opacity: 0; transition: opacity 1.5s; }
.slide.on { opacity: 1; }
.slide img { grid-area: 1 / 1; width: 100%; height: 100%; object-fit: contain; }
.slide .photo + .painting { opacity: 0; transition: opacity 3s ease-in-out; }
.slide.painted .photo + .painting { opacity: 1; }
.slide figcaption { grid-area: 2 / 1; padding-top: 1.5vh; text-align: center; }
.slide figcaption .title { font-size: 1.4rem; }
.slide figcaption .style { margin-left: 0.75rem; font-style: italic; font-family: var(--serif); }
.show .forming { position: fixed; right: 2vw; bottom: 2.5vh; display: block; width: 21rem; margin: 0; padding: 0; border: 0; }
.show:has(.forming:not([hidden])) .slide figcaption { min-height: 5rem; }
.show .forming article { gap: 0.9rem; background: #0b0b0acc; }
.show .forming article + article { margin-top: 0.5rem; }
.show .forming .canvas { width: 6.5rem; min-height: 3rem; }
.show .forming .title { font-size: 1rem; }
.controls { position: fixed; left: 2vw; top: 2vh; display: flex; flex-wrap: wrap; gap: 0.5rem; opacity: 0; transition: opacity 0.4s; }
.controls:focus-within, .awake .controls { opacity: 1; }
.controls button, .controls a { padding: 0.6rem 1rem; border: 1px solid var(--line); background: #0b0b0acc; color: var(--ink); font: inherit; text-decoration: none; cursor: pointer; }
.show:not(.awake) { cursor: none; }
@media (max-width: 40rem) {
  .card { flex-basis: 100%; max-width: 100%; }
  .show .forming { left: 3vw; right: 3vw; width: auto; bottom: 1.5vh; }
  .slide { padding-bottom: 9rem; }
  .slide figcaption .style { display: block; margin: 0; }
  dl div { gap: 0.75rem; } dt { flex-basis: 7rem; }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
@media print { .pages, .top nav, .button, .hint, .handle { display: none; } }
${ratios.map((ratio, i) => `.r${i} { --r: ${ratio}; }`).join(' ')}
`.trimStart();
