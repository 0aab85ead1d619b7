// Painting of the panels on the canvas; constant parts are painted once and cached.

function viewOf(s, box) {
  return { box, t: s.t, theme: s.theme, fonts: s.fonts, dpr: s.dpr, on: (key) => s.switches.get(key)?.on ?? true };
}

function clip(ctx, { x, y, w, h }) {
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
}

function drawLayer(s, ctx, box, layer) {
  const kind = DRAW[layer.kind];
  ctx.save();
  if (!kind.loose) clip(ctx, box.plot);
  if (!layer.away) kind.draw(ctx, layer, viewOf(s, box));
  ctx.restore();
}

// Constant layers are drawn once: those below the first moving layer on `under`, with background and axes, those above
// the last moving one on `over`. The layers between are drawn in every frame.
function plan(s) {
  const fresh = (name) => { // the sheet of the last plan, if it has the size: a new one takes milliseconds
    const { width, height } = s.ui.canvas;
    const last = s.sheets[name];
    const fits = last && last.canvas.width === width && last.canvas.height === height;
    const canvas = fits ? last.canvas : new OffscreenCanvas(width, height);
    const ctx = fits ? last.ctx : canvas.getContext("2d");
    if (fits) ctx.restore(); // to what a new sheet has
    ctx.save();
    ctx.clearRect(0, 0, width, height);
    ctx.setTransform(s.dpr, 0, 0, s.dpr, 0, 0);
    return (s.sheets[name] = { canvas, ctx });
  };
  const under = fresh("under");
  let over = null;
  under.ctx.fillStyle = css(s.theme.paper);
  under.ctx.fillRect(0, 0, s.figure.width, s.figure.height);
  const moving = [];
  for (const box of s.figure.boxes) {
    const layers = box.panel.layers.filter(({ kind }) => kind !== "handles"); // drawn last: see paint
    drawHeader(under.ctx, box, s.fonts, s.theme, s.figure.line);
    if (spatial(box.panel)) {
      moving.push([box, null]);
      continue;
    }
    const moves = layers.map((layer) => layer.live || DRAW[layer.kind].moves(layer));
    const first = moves.indexOf(true) < 0 ? layers.length : moves.indexOf(true);
    const last = moves.lastIndexOf(true);
    layers.slice(0, first).forEach((layer) => drawLayer(s, under.ctx, box, layer));
    layers.slice(first, last + 1).forEach((layer) => moving.push([box, layer]));
    if (last >= 0 && last + 1 < layers.length) {
      over ??= fresh("over");
      layers.slice(last + 1).forEach((layer) => drawLayer(s, over.ctx, box, layer));
    }
    drawAxes(under.ctx, box, s.fonts, s.theme, s.figure.line);
  }
  s.plan = { under: under.canvas, over: over?.canvas, moving };
}

function paint(s) {
  s.dirty = false;
  if (!s.figure) return;
  if (!s.plan) plan(s);
  const { ctx } = s;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(s.plan.under, 0, 0);
  ctx.setTransform(s.dpr, 0, 0, s.dpr, 0, 0);
  for (const [box, layer] of s.plan.moving) {
    if (layer) drawLayer(s, ctx, box, layer);
    else drawSpace(s, ctx, box);
  }
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  if (s.plan.over) ctx.drawImage(s.plan.over, 0, 0);
  drawBrush(s);
  if (s.pick) drawPick(s);
  if (s.drop) drawDrop(s);
  drawHandles(s);
  drawCaptions(s);
  drawAnnotations(s);
  showTime(s.ui, s.t);
  s.recording?.paint();
  s.root.dataset.painted = String(++s.painted);
  if (!s.camera) return;
  const { around, above, zoom } = s.camera;
  s.root.dataset.camera = [around, above, zoom].map((v) => v.toFixed(4)).join(" ");
}

// The captions of this frame, in the upper left corner of their plot.
function drawCaptions(s) {
  if (!s.picture.panels.some((panel) => panel.captions)) return; // skip early: setting a font is slow
  const { ctx, fonts, theme, dpr } = s;
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.font = fonts.label;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  for (const { panel, plot } of s.figure.boxes) {
    const text = panel.captions && panel.captions.texts[panel.captions.index.data[Math.round(s.t)]];
    if (!text) continue;
    const [x, y] = [plot.x + fonts.size * 0.7, plot.y + fonts.size * 0.7];
    const lines = broken(ctx, text, plot.w - fonts.size * 1.4);
    const width = Math.max(...lines.map((words) => measureRich(ctx, words)));
    plate(ctx, x, y, width, fonts.size * (1.3 * lines.length - 0.3), theme);
    lines.forEach((words, i) => writeOver(ctx, words, x, y + 1.3 * i * fonts.size, theme));
  }
}

const SHARE = 0.45; // fraction of the window's height for the plots, if the window allows it
const LINE = 76; // px that are always left for the checks, so that the headline is visible
const SIDE = 273; // px: the controls beside the picture, and the page's margins: see .st-key-drawer in style.css

// The height available for the picture: the window without what is above and without `reserve` for what is below. The
// picture may use lines of the reserve if its plots would otherwise be lower than SHARE of the window.
function fitted(s, below, make) {
  s.top = topOf(s);
  const reserve = s.picture.extra.reserve ?? 56;
  const room = innerHeight - Math.min(s.top, innerHeight / 2) - below;
  const lowest = (figure) => Math.min(...figure.boxes.map(({ plot }) => plot.h));
  let best = make(room - reserve);
  for (let more = 8; lowest(best) < SHARE * innerHeight && more <= reserve - LINE; more += 8) {
    const next = make(room - reserve + more);
    if (lowest(next) > lowest(best)) best = next;
  }
  return best;
}

// The top of the player in its page, independent of scrolling.
function topOf(s) {
  const scroller = s.root.getRootNode().host?.closest("[data-testid=stMain]") ?? document.scrollingElement;
  const scrolled = scroller?.scrollTop ?? 0;
  return s.root.getBoundingClientRect().top + scrolled;
}

// Whether plots beside the controls would be lower than SHARE of the window: then the page overlays the controls.
// It depends on the window only, not on the current width of the picture, so that the result is stable.
function sayWide(s, width) {
  const host = s.root.parentNode?.host;
  if (!host) return;
  const rows = rowsOf(s.picture, false);
  const high = SHARE * innerHeight;
  const needs = Math.max(...rows.map((row) => {
    const some = row.panels.some((panel) => panel.equal && !spatial(panel));
    const wishes = row.panels.map((panel) => (spatial(panel) ? 0.8 : panel.equal ? aspectOf(panel) : 0.6));
    const around = s.figure.boxes.reduce((sum, box) => sum + box.left + box.right + GAP, -GAP);
    return some ? high * wishes.reduce((a, b) => a + b, 0) + around : 0;
  }));
  host.toggleAttribute("data-wide", rows.length === 1 && width >= NARROW && needs > innerWidth - SIDE);
}

const WIDTHS = 2_000; // texts whose widths are remembered

// The width of a text. The same texts are measured again and again: for each height that is tried, for each picture.
function measured(s, text, font) {
  const key = `${font}|${text}`;
  let width = s.widths.get(key);
  if (width === undefined) {
    if (s.widths.size >= WIDTHS) s.widths.clear();
    s.ctx.font = font;
    width = measureRich(s.ctx, text);
    s.widths.set(key, width);
  }
  return width;
}

// After a change of size: compute the layout and set the size of the canvas, at the resolution of the screen.
function relayout(s) {
  if (!s.picture || !s.theme) return;
  const width = s.ui.stage.clientWidth;
  if (width < 20) return;
  const full = isFull(s);
  showWords(s, full);
  s.fonts = fontsFor(s.theme, width, full || s.root.classList.contains("present"));
  placeReadouts(s.ui);
  placeMarks(s.ui);
  const measure = (text, font) => measured(s, text, font);
  // An element of fixed height is filled; otherwise the picture has its natural height, limited by the window.
  s.ui.stage.style.height = "0px";
  const style = getComputedStyle(s.root);
  const around = [s.ui.bar, s.ui.readouts, s.ui.words.above, s.ui.words.below];
  const below = around.reduce((sum, part) => sum + (s.ui.bar.contains(part) && part !== s.ui.bar ? 0 : part.offsetHeight), 0);
  const free = s.root.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom) - below;
  const height = full || free > 100 ? free - 4 : null;
  const make = (tallest) => arrange(s.picture, width, height, Math.max(200, tallest), s.fonts, measure);
  s.figure = s.picture.extra.compact && height === null ? fitted(s, below, make) : make(innerHeight * 0.72);
  s.ui.stage.style.height = `${s.figure.height}px`;
  s.dpr = sharpness(s);
  const { canvas } = s.ui;
  const [w, h] = [Math.round(width * s.dpr), Math.round(s.figure.height * s.dpr)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.style.height = `${s.figure.height}px`;
  sayWide(s, width);
  s.root.dataset.plots = JSON.stringify(s.figure.boxes.map(({ plot }) => [plot.x, plot.y, plot.w, plot.h]));
  s.plan = null;
  holdHandle(s);
  placeHandles(s);
  resketch(s);
  paint(s); // immediately, because a resized canvas is empty
}

