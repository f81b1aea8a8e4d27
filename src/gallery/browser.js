// @ts-nocheck It runs in browsers, whose types would be there for the whole program.
// A script and no module, since browsers load none from a disk.
// The script of a gallery's pages: compares photo and painting, shows what is new, and runs the slideshow.
(() => {
  const byId = (id) => document.getElementById(id);
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  const compare = byId('compare');
  if (compare) {
    const range = compare.querySelector('input');
    const show = (share) => {
      range.value = String(Math.round(share));
      range.setAttribute('aria-valuetext', `${range.value} % photo, ${100 - range.value} % painting`);
      compare.style.setProperty('--at', range.value);
    };
    const follow = (event) => {
      const { left, width } = compare.getBoundingClientRect();
      show(Math.max(0, Math.min(100, (100 * (event.clientX - left)) / width)));
    };
    compare.classList.add('ready');
    range.hidden = compare.querySelector('.handle').hidden = byId('hint').hidden = false;
    range.addEventListener('input', () => show(Number(range.value)));
    compare.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      compare.setPointerCapture(event.pointerId);
      range.focus({ preventScroll: true, focusVisible: false });
      follow(event);
    });
    compare.addEventListener('pointermove', (event) => {
      if (compare.hasPointerCapture(event.pointerId)) follow(event);
    });
    compare.addEventListener('dragstart', (event) => event.preventDefault());
    show(30);
  }

  // Arrow keys go from painting to painting, unless they move the slider.
  const link = (key) => ({ ArrowLeft: 'a[rel=prev]', ArrowRight: 'a[rel=next]' })[key];
  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches('input')) return;
    if (link(event.key)) document.querySelector(link(event.key))?.click();
  });

  const slideshow = byId('slides') && startSlideshow(byId('slides'));
  if (document.body.classList.contains('live')) listen();

  /** Follows the server's news while the page can be seen. */
  function listen() {
    let source;
    let timer;
    const newest = () => (byId('wall') ?? byId('slides')).querySelector('[data-id]')?.dataset.id ?? '';
    const open = () => {
      clearTimeout(timer);
      if (document.hidden || source) return;
      source = new EventSource(`events?after=${newest()}`);
      on('painting', arrive);
      on('forming', form);
      on('ended', ({ job }) => unform(job));
      on('begin', () => formed().forEach((each) => void each.remove()));
      on('reload', () => location.reload());
      source.onerror = () => {
        if (source.readyState !== EventSource.CLOSED) return;
        close();
        // Too many are looking, or the program has ended: not all ask again at once.
        timer = setTimeout(open, 5000 + 10000 * Math.random());
      };
    };
    const on = (name, hear) => source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
    const close = () => {
      source?.close();
      source = undefined;
    };
    document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
    addEventListener('pagehide', close);
    addEventListener('pageshow', open);
    open();
  }

  function arrive({ id, title, count, card, slide }) {
    const list = byId('wall') ?? byId('slides');
    if (list.querySelector(`[data-id="${id}"]`)) return;
    byId('empty').hidden = true;
    const parsed = document.createElement('template');
    parsed.innerHTML = slideshow ? slide : card;
    const element = parsed.content.firstElementChild;
    if (slideshow) return slideshow.add(element);
    element.classList.add('arriving');
    list.prepend(element);
    while (list.children.length > Number(list.dataset.length)) list.lastElementChild.remove();
    byId('count').textContent = count;
    byId('news').textContent = `New painting: ${title}`;
  }

  function formed() {
    return [...byId('forming').children];
  }

  function form({ job, title, share, left, preview }) {
    const area = byId('forming');
    let article = area.querySelector(`[data-job="${job}"]`);
    if (!article) {
      article = byId('formed').content.firstElementChild.cloneNode(true);
      article.dataset.job = job;
      area.append(article);
      area.hidden = false;
    }
    article.querySelector('.title').textContent = title;
    article.querySelector('.left').textContent = left;
    const progress = article.querySelector('progress');
    progress.value = share;
    progress.setAttribute('aria-label', `${title}: how far it is painted`);
    if (preview === 0 || article.dataset.preview === String(preview)) return;
    article.dataset.preview = preview;
    // Replaced when it is decoded, so that nothing flickers.
    const next = new Image();
    next.alt = `${title}, as it is now`;
    next.src = `forming/${job}.png?${preview}`;
    next.decode().then(
      () => article.querySelector('img').replaceWith(next),
      () => {},
    );
  }

  function unform(job) {
    byId('forming').querySelector(`[data-job="${job}"]`)?.remove();
    byId('forming').hidden = formed().length === 0;
  }

  /** Shows a slide after the other, the photo before its painting, and what is new at once. */
  function startSlideshow(slides) {
    const photoTime = 3500;
    const paintingTime = 11000;
    let shown;
    let timers = [];
    let isPaused = false;
    const all = () => [...slides.querySelectorAll('.slide')];
    const after = (time, work) => timers.push(setTimeout(work, time));
    const show = (slide) => {
      timers.forEach(clearTimeout);
      timers = [];
      if (!slide) return;
      const before = shown;
      shown = slide;
      if (before && before !== slide) {
        before.classList.remove('on');
        setTimeout(() => before !== shown && hide(before), calm.matches ? 0 : 1600);
      }
      slide.hidden = false;
      const photo = calm.matches ? null : slide.querySelector('.photo');
      slide.classList.toggle('painted', !photo);
      const [first, ...rest] = [photo, slide.querySelector('.painting')].filter(Boolean);
      first.loading = 'eager';
      for (const each of rest) each.loading = 'eager';
      const begin = () => {
        if (shown !== slide) return;
        slide.classList.add('on');
        if (photo) after(photoTime, () => slide.classList.add('painted'));
        if (!isPaused) after(paintingTime + (photo ? photoTime : 0), () => step(1));
      };
      first.decode().then(begin, begin);
    };
    const hide = (slide) => {
      slide.hidden = true;
      slide.classList.remove('painted');
    };
    const step = (by) => {
      const list = all();
      if (list.length > 0) show(list[(list.indexOf(shown) + by + list.length) % list.length]);
    };
    const pause = () => {
      isPaused = !isPaused;
      byId('pause').setAttribute('aria-pressed', String(isPaused));
      if (isPaused) {
        timers.forEach(clearTimeout);
        shown?.classList.add('painted');
      } else step(1);
    };
    byId('back').onclick = () => step(-1);
    byId('forward').onclick = () => step(1);
    byId('pause').onclick = pause;
    byId('full').onclick = () =>
      document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    byId('full').hidden = !document.fullscreenEnabled;
    document.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === 'ArrowLeft') step(-1);
      if (event.key === 'ArrowRight') step(1);
      if (event.key === ' ' && !event.target.matches('button, a')) pause();
    });
    let asleep;
    const wake = () => {
      document.body.classList.add('awake');
      clearTimeout(asleep);
      asleep = setTimeout(() => document.body.classList.remove('awake'), 3000);
    };
    for (const event of ['pointermove', 'pointerdown', 'keydown']) addEventListener(event, wake);
    step(1);
    return {
      add(slide) {
        slides.querySelector('h1').after(slide);
        for (const old of all().slice(Number(slides.dataset.length))) if (old !== shown) old.remove();
        if (!isPaused) show(slide);
      },
    };
  }
})();
