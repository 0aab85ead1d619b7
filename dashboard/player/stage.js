// What is painted: the figure's panels on the canvas, those parts once that stand still.

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
  kind.draw(ctx, layer, viewOf(s, box));
  ctx.restore();
}

// Layers that stand still are drawn once: those under the first moving one with paper and axes on `under`, those over
// the last moving one on `over`. What lies between is drawn with every frame.
function plan(s) {
  const fresh = () => {
    const canvas = new OffscreenCanvas(s.ui.canvas.width, s.ui.canvas.height);
    const ctx = canvas.getContext("2d");
    ctx.setTransform(s.dpr, 0, 0, s.dpr, 0, 0);
    return { canvas, ctx };
  };
  const under = fresh();
  let over = null;
  under.ctx.fillStyle = css(s.theme.paper);
  under.ctx.fillRect(0, 0, s.figure.width, s.figure.height);
  const moving = [];
  for (const box of s.figure.boxes) {
    const { layers } = box.panel;
    drawHeader(under.ctx, box, s.fonts, s.theme, s.figure.line);
    if (spatial(box.panel)) {
      moving.push([box, null]);
      continue;
    }
    const moves = layers.map((layer) => DRAW[layer.kind].moves(layer));
    const first = moves.indexOf(true) < 0 ? layers.length : moves.indexOf(true);
    const last = moves.lastIndexOf(true);
    layers.slice(0, first).forEach((layer) => drawLayer(s, under.ctx, box, layer));
    layers.slice(first, last + 1).forEach((layer) => moving.push([box, layer]));
    if (last >= 0 && last + 1 < layers.length) {
      over ??= fresh();
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
  drawCaptions(s);
  drawAnnotations(s);
  showTime(s.ui, s.t);
  s.recording?.paint();
  s.root.dataset.painted = String(++s.painted);
  if (!s.camera) return;
  const { around, above, zoom } = s.camera;
  s.root.dataset.camera = [around, above, zoom].map((v) => v.toFixed(4)).join(" ");
}

// The words of this frame, in the upper left corner of their plot.
function drawCaptions(s) {
  if (!s.picture.panels.some((panel) => panel.captions)) return; // setting a font takes its time
  const { ctx, fonts, theme, dpr } = s;
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  ctx.font = fonts.label;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  for (const { panel, plot } of s.figure.boxes) {
    const text = panel.captions && panel.captions.texts[panel.captions.index.data[Math.round(s.t)]];
    if (text) writeOver(ctx, text, plot.x + fonts.size * 0.7, plot.y + fonts.size * 0.7, theme);
  }
}

const COMFORT = 400; // px: a picture that is lower than this takes of what was reserved for the checks
const LINE = 76; // px of it that are left to them, whatever happens: the first one is seen

// Embedded, all must be seen at once: the window less what stands above, and `reserve` for what stands below.
function roomInWindow(s, below) {
  s.top = Math.max(s.top, s.root.getBoundingClientRect().top); // the largest seen: not the scrolled one
  const reserve = s.picture.extra.reserve ?? 56;
  const room = innerHeight - Math.min(s.top, innerHeight / 2) - below;
  return Math.max(room - reserve, Math.min(COMFORT, room - Math.min(reserve, LINE)));
}

// Sizes changed: arrange the figure anew and fit the canvas to it, at the screen's own sharpness.
function relayout(s) {
  if (!s.picture || !s.theme) return;
  const width = s.ui.stage.clientWidth;
  if (width < 20) return;
  s.fonts = fontsFor(s.theme, width);
  const measure = (text, font) => {
    s.ctx.font = font;
    return s.ctx.measureText(text).width;
  };
  // A box of fixed height is filled; otherwise the picture takes its natural height, as far as the window allows.
  s.ui.stage.style.height = "0px";
  const style = getComputedStyle(s.root);
  const below = s.ui.bar.offsetHeight + s.ui.readouts.offsetHeight + s.ui.marks.offsetHeight;
  const free = s.root.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom) - below;
  const height = isFull(s) || free > 100 ? free - 4 : null;
  const tallest = Math.max(200, s.picture.extra.compact ? roomInWindow(s, below) : innerHeight * 0.72);
  s.figure = arrange(s.picture, width, height, tallest, s.fonts, measure);
  s.ui.stage.style.height = `${s.figure.height}px`;
  s.dpr = sharpness(s);
  const { canvas } = s.ui;
  const [w, h] = [Math.round(width * s.dpr), Math.round(s.figure.height * s.dpr)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.style.height = `${s.figure.height}px`;
  s.root.dataset.plots = JSON.stringify(s.figure.boxes.map(({ plot }) => [plot.x, plot.y, plot.w, plot.h]));
  s.plan = null;
  resketch(s);
  paint(s); // at once: a resized canvas is empty
}

