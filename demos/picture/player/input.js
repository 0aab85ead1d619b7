// Keyboard input, and changes of the window around the picture; for pointers see pointer.js.

const ONCE = new Set([" ", "f", "F"]); // keys that act once, however long they are held

function listen(s) {
  const { root, stage } = s.ui;
  const keys = {
    " ": () => setPlaying(s, !s.playing, s.playing ? "Paused" : "Playing"),
    ArrowLeft: () => stepBy(s, -1),
    ArrowRight: () => stepBy(s, 1),
    Home: () => stepBy(s, -s.picture.frames),
    End: () => stepBy(s, s.picture.frames),
    f: () => toggleFull(s),
    F: () => toggleFull(s),
  };
  const turn = (dx, dy) => () => move(s, () => turnCamera(s.camera, dx, dy));
  const zoom = (factor) => () => move(s, () => zoomCamera(s.camera, factor));
  const shifted = {
    ArrowLeft: turn(-0.1, 0), ArrowRight: turn(0.1, 0), ArrowUp: turn(0, -0.1), ArrowDown: turn(0, 0.1),
  };
  const zooms = { "+": zoom(1.15), "-": zoom(1 / 1.15) };
  root.onkeydown = (event) => {
    const spaceKey = s.camera && (zooms[event.key] ?? (event.shiftKey && shifted[event.key]));
    const act = spaceKey || keys[event.key];
    if (!act || !s.picture || event.ctrlKey || event.metaKey || event.altKey) return;
    // Keys go to focused buttons, menus and boxes, but not to the time slider.
    const target = event.composedPath()[0];
    if (target !== root && target !== s.ui.scrub && (event.key === " " || target.tagName !== "BUTTON")) return;
    event.preventDefault();
    if (!event.repeat || !ONCE.has(event.key)) act();
  };

  listenToPointers(s);
  listenToHandles(s);

  const sizes = new ResizeObserver(() => {
    const width = stage.clientWidth;
    const height = root.parentNode?.host?.clientHeight ?? root.clientHeight;
    if (width === s.width && height === s.height && devicePixelRatio === s.ratio) return;
    Object.assign(s, { width, ratio: devicePixelRatio });
    relayout(s);
    s.height = root.parentNode?.host?.clientHeight ?? root.clientHeight;
  });
  sizes.observe(root);
  // Elements above change: a progress bar, a warning, a sentence of two lines.
  const above = new ResizeObserver(() => {
    if (s.picture?.extra.compact && s.figure && Math.abs(topOf(s) - s.top) > 1) relayout(s);
  });
  const block = root.getRootNode().host?.closest("[data-testid=stMainBlockContainer]");
  if (block) above.observe(block);
  const seen = new IntersectionObserver((entries) => {
    s.visible = entries.at(-1).isIntersecting; // the latest, where several changes are reported at once
    s.last = null;
    if (s.visible && s.playing) repaint(s);
  });
  seen.observe(root);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const calmed = () => { // the setting was changed while the picture is shown
    if (!calm.matches) return;
    if (s.camera) s.camera.spins = false;
    if (s.playing) setPlaying(s, false, "Paused");
  };
  calm.addEventListener("change", calmed);
  const again = () => relayout(s);
  root.addEventListener("fullscreenchange", again);
  addEventListener("resize", again); // the height of the window limits that of the picture
  const fonts = () => { // redraw text that was drawn before its font was loaded
    s.widths.clear();
    relayout(s);
  };
  document.fonts.addEventListener("loadingdone", fonts);
  const outside = (event) => {
    if (!event.composedPath().includes(s.ui.layers.holder)) s.ui.layers.close();
    if (!event.composedPath().includes(s.ui.saving.holder)) s.ui.saving.close();
  };
  document.addEventListener("pointerdown", outside);
  const used = (event) => touched(s, event);
  for (const kind of ["keydown", "pointerup"]) document.addEventListener(kind, used, true);
  s.stop = () => {
    for (const kind of ["keydown", "pointerup"]) document.removeEventListener(kind, used, true);
    calm.removeEventListener("change", calmed);
    sizes.disconnect();
    above.disconnect();
    seen.disconnect();
    removeEventListener("resize", again);
    document.fonts.removeEventListener("loadingdone", fonts);
    document.removeEventListener("pointerdown", outside);
    document.removeEventListener(ANSWERS, s.answered);
    s.runs?.disconnect();
    s.recording?.drop();
    clearTimeout(s.drag.timer);
    clearTimeout(s.drag.end);
    clearTimeout(s.wordy);
    cancelAnimationFrame(s.raf);
    s.picture = s.wanted = null; // ends an animation that is being saved, and the decoding of a picture
    root.remove();
  };
}

// What a visitor dropped or painted is marked until a new picture shows it. If the page has run and the picture is the
// old one, because the page refused the change or nothing changed, the marks are removed.
function unmarkAfterRun(s) {
  s.runs?.disconnect();
  const app = /** @type {HTMLElement | null} */ (document.querySelector("[data-testid=stApp]"));
  if (!app) return; // a page without a server
  let ran = false;
  s.runs = new MutationObserver(() => {
    if (app.dataset.testScriptState !== "notRunning") ran = true;
    else if (ran) {
      s.runs.disconnect();
      s.drop = null;
      forgetStrokes(s);
    }
  });
  s.runs.observe(app, { attributeFilter: ["data-test-script-state"] });
}

// Mark where the particle was dropped.
function drawDrop(s) {
  const box = s.figure.boxes.find(({ panel }) => panel.index === s.drop.panel);
  if (!box) return;
  const { ctx, dpr } = s;
  ctx.lineWidth = 2 * dpr;
  for (const [color, radius] of [[s.theme.paper, 9], [s.theme.accent, 7]]) {
    ctx.strokeStyle = css(color);
    ctx.beginPath();
    ctx.arc(box.sx(s.drop.x) * dpr, box.sy(s.drop.y) * dpr, radius * dpr, 0, 2 * Math.PI);
    ctx.stroke();
  }
}

// Shift with an arrow key rotates three-dimensional panels, + and − zoom.
function move(s, act) {
  s.camera.spins = false;
  act();
  repaint(s);
}

const isFull = (s) => s.root.getRootNode().fullscreenElement === s.root;

function toggleFull(s) {
  if (!document.fullscreenEnabled) return; // an iframe without permission, or an iPhone
  (isFull(s) ? document.exitFullscreen() : s.root.requestFullscreen()).catch(() => {});
}

// Show the page's sentence and headline in full screen, too.
function showWords(s, full) {
  clearTimeout(s.wordy);
  const { above, below } = s.ui.words;
  const page = (name) => (full && document.querySelector(name)?.innerText?.trim()) || ""; // without hidden text
  const before = above.textContent + below.textContent;
  above.textContent = page("[data-scene-words]");
  below.textContent = page(".gf-headline .gf-words");
  above.hidden = !above.textContent;
  below.hidden = !below.textContent;
  if (!full) return;
  if (s.figure && before !== above.textContent + below.textContent) queueMicrotask(() => relayout(s));
  s.wordy = setTimeout(() => showWords(s, isFull(s)), 500); // the scene may change in full screen
}
