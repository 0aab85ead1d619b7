// The brush: strokes painted on a panel are shown at once, and each is reported when it ends.

const MOST_POINTS = 500;
const FINE = 0.8; // CSS pixels: tolerance of the simplification of a stroke

const newBrush = () => ({ on: false, mode: "add", size: 0.03, strokes: [], live: null, sketch: null, at: null });

// A stroke is { panel, mode, radius, points } in the panel's coordinates; the radius in units of x.
function startStroke(s, box, at) {
  const { brush } = s;
  const [low, high] = box.panel.x;
  brush.live = { panel: box.panel.index, mode: brush.mode, radius: brush.size * (high - low), points: [] };
  extendStroke(s, at);
}

/** @param {number[]} place */
function extendStroke(s, place) {
  const [px, py] = place;
  const { live } = s.brush;
  const box = live && s.figure.boxes.find(({ panel }) => panel.index === live.panel);
  if (!box) return;
  const { plot } = box;
  const at = box.inverse(clamp(px, plot.x, plot.x + plot.w), clamp(py, plot.y, plot.y + plot.h));
  const last = live.points.at(-1);
  if (last && Math.hypot((at[0] - last[0]) * box.kx, (at[1] - last[1]) * box.ky) < 1) return;
  live.points.push(at);
  sketchStroke(s, live, Math.max(0, live.points.length - 2));
  repaint(s);
}

function endStroke(s, keep) {
  const { live } = s.brush;
  s.brush.live = null;
  if (!live || !keep) {
    resketch(s);
    return;
  }
  const box = s.figure.boxes.find(({ panel }) => panel.index === live.panel);
  const points = fewer(live.points, box ? FINE / box.kx : 0, box ? FINE / box.ky : 0);
  s.brush.strokes.push(live);
  s.ui.root.dataset.strokes = String(s.brush.strokes.length);
  s.send("stroke", { ...live, points: points.map((point) => point.map((v) => Number(v.toPrecision(7)))) });
  unmarkAfterRun(s);
}

function clearStrokes(s) {
  forgetStrokes(s);
  const panel = s.picture.panels.find((one) => one.brush);
  s.send("stroke", { panel: panel.index, mode: "clear", radius: s.brush.size * (panel.x[1] - panel.x[0]), points: [] });
}

// A new picture contains the finished strokes: forget them, but not the current one.
function forgetStrokes(s) {
  s.brush.strokes = [];
  s.ui.root.dataset.strokes = "0";
  resketch(s);
}

// Ramer–Douglas–Peucker simplification with a tolerance; if there are still too many points, every k-th of them.
function fewer(points, dx, dy) {
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const work = [[0, points.length - 1]];
  while (work.length) {
    const [from, to] = work.pop();
    const [ax, ay] = points[from];
    const [ux, uy] = [(points[to][0] - ax) / dx, (points[to][1] - ay) / dy];
    const square = ux * ux + uy * uy;
    let [worst, at] = [1, -1];
    for (let k = from + 1; k < to; k++) {
      const [vx, vy] = [(points[k][0] - ax) / dx, (points[k][1] - ay) / dy];
      const along = square > 0 ? clamp((vx * ux + vy * uy) / square, 0, 1) : 0;
      const off = Math.hypot(vx - along * ux, vy - along * uy);
      if (off > worst) [worst, at] = [off, k];
    }
    if (at < 0) continue;
    keep[at] = 1;
    work.push([from, at], [at, to]);
  }
  const kept = points.filter((_, k) => keep[k]);
  if (kept.length <= MOST_POINTS) return kept;
  return Array.from({ length: MOST_POINTS }, (_, k) => kept[Math.round((k / (MOST_POINTS - 1)) * (kept.length - 1))]);
}

// The sketch is an overlay on the picture. Erased places show the background colour.
function resketch(s) {
  s.brush.sketch = null;
  for (const stroke of s.brush.strokes) sketchStroke(s, stroke, 0);
  if (s.brush.live) sketchStroke(s, s.brush.live, 0);
  repaint(s);
}

function sketchStroke(s, stroke, from) {
  const box = s.figure?.boxes.find(({ panel }) => panel.index === stroke.panel);
  if (!box) return;
  const { canvas } = s.ui;
  s.brush.sketch ??= new OffscreenCanvas(canvas.width, canvas.height);
  const ctx = s.brush.sketch.getContext("2d");
  ctx.setTransform(s.dpr, 0, 0, s.dpr, 0, 0);
  ctx.save();
  clip(ctx, box.plot);
  ctx.beginPath();
  const places = stroke.points.slice(from).map(([x, y]) => [box.sx(x), box.sy(y)]);
  if (places.length === 1) places.push([places[0][0] + 0.01, places[0][1]]); // a dot
  trace(ctx, places);
  ctx.lineWidth = 2 * stroke.radius * box.kx;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.strokeStyle = css(stroke.mode === "add" ? s.theme.accent : s.theme.paper);
  ctx.stroke();
  ctx.restore();
}

// Draw the sketch, and the outline of the brush around the pointer, over everything else.
function drawBrush(s) {
  const { ctx, brush, theme, dpr } = s;
  if (brush.sketch) {
    ctx.globalAlpha = 0.6;
    ctx.drawImage(brush.sketch, 0, 0);
    ctx.globalAlpha = 1;
  }
  const box = brush.on && brush.at && boxAt(s, brush.at);
  if (!box || !box.panel.brush) return;
  const radius = Math.max(2, brush.size * box.plot.w) * dpr;
  for (const [color, width] of [[theme.paper, 3], [brush.mode === "add" ? theme.accent : theme.ink, 1.5]]) {
    ctx.strokeStyle = css(color);
    ctx.lineWidth = width * dpr;
    ctx.beginPath();
    ctx.arc(brush.at[0] * dpr, brush.at[1] * dpr, radius, 0, 2 * Math.PI);
    ctx.stroke();
  }
}

// The button "Draw", and the controls that appear beside it while drawing.
function buildBrush(act) {
  const draw = iconButton("draw", "Draw", "icon draw", () => act.draw());
  const add = iconButton("add", "Add", "icon", () => act.mode("add"));
  const erase = iconButton("erase", "Erase", "icon", () => act.mode("erase"));
  const size = element("input", { type: "range", class: "size", min: "0.005", max: "0.15", step: "0.005",
    value: "0.03", "aria-label": "Radius of the brush", title: "Radius of the brush" });
  size.oninput = () => act.size(Number(size.value));
  const clear = iconButton("clear", "Clear", "icon", () => act.clear());
  const tools = element("div", { class: "tools", role: "group", "aria-label": "Brush" }, add, erase, size, clear);
  return { draw, add, erase, size, clear, tools };
}

function showBrush(s) {
  const { draw, add, erase, size, tools } = s.ui.brush;
  const possible = Boolean(s.picture?.panels.some((panel) => panel.brush));
  if (!possible) s.brush.on = false;
  draw.hidden = !possible;
  tools.hidden = !s.brush.on;
  draw.setAttribute("aria-pressed", String(s.brush.on));
  add.setAttribute("aria-pressed", String(s.brush.mode === "add"));
  erase.setAttribute("aria-pressed", String(s.brush.mode === "erase"));
  size.style.setProperty("--done", String((s.brush.size - 0.005) / 0.145));
  s.ui.canvas.classList.toggle("drawing", s.brush.on);
  placeHandles(s);
}

// Drawing stops the clock.
function toggleDrawing(s) {
  s.brush.on = !s.brush.on;
  s.brush.at = null;
  if (s.brush.on && s.playing) setPlaying(s, false, "Paused");
  showBrush(s);
  relayout(s); // the controls may need more room
}
