// Lines layers: polylines, open or closed, constant or moving.

function drawLines(ctx, layer, view) {
  if (!view.on(layer.name)) return;
  const { theme } = view;
  const at = linePlaces(layer, view);
  const starts = layer.starts.data;
  const colors = colorsOf(layer, starts.length, view, colorOf(layer.color, theme));
  const paths = new Map(); // colour → path of its lines, and of the discs on their vertices
  for (let line = 0; line < starts.length; line++) {
    const color = colors.index === null ? 0 : colors.index[line];
    if (!colors.table[color]) continue;
    if (!paths.has(color)) paths.set(color, { line: new Path2D(), dots: new Path2D() });
    const path = paths.get(color);
    const end = line + 1 < starts.length ? starts[line + 1] : at.length / 2;
    traceLine(path.line, at, starts[line], end, layer.closed);
    if (layer.dots) traceDots(path.dots, at, starts[line], end, layer.dots);
  }
  ctx.lineWidth = layer.width;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.setLineDash(layer.dashed ? (layer.dash ?? DASHES[0]).map((part) => (part * layer.width) / 2) : []);
  for (const [color, path] of paths) {
    if (layer.filled) {
      ctx.fillStyle = css(colors.table[color], theme.dark ? 0.3 : 0.22);
      ctx.fill(path.line, "evenodd");
    }
    ctx.strokeStyle = css(colors.table[color]);
    if (layer.width > 0) ctx.stroke(path.line);
  }
  ctx.setLineDash([]);
  for (const [color, path] of layer.dots ? paths : []) {
    ctx.fillStyle = css(colors.table[color]);
    ctx.fill(path.dots);
    if (layer.dots < 2.5) continue; // around small discs a rim would cut the line into dashes
    ctx.strokeStyle = css(theme.paper);
    ctx.lineWidth = 1;
    ctx.stroke(path.dots);
  }
}

const linesMove = (layer) => layer.positions.shape[0] > 1;

// The current vertices in CSS pixels; NaN for missing ones.
function linePlaces(layer, view) {
  const { box } = view;
  const { data, shape, low, high } = layer.positions;
  const count = shape[1];
  const t = linesMove(layer) ? view.t : 0;
  const from = Math.floor(t) * 2 * count;
  const to = Math.ceil(t) * 2 * count;
  const part = t - Math.floor(t);
  const kx = ((high[0] - low[0]) / 65534) * box.kx;
  const ky = ((high[1] - low[1]) / 65534) * box.ky;
  const [ox, oy] = [box.sx(low[0]) + 32767 * kx, box.sy(low[1]) - 32767 * ky];
  const out = (layer.places ??= new Float32Array(2 * count));
  for (let k = 0; k < 2 * count; k += 2) {
    const [a, b] = [data[from + k], data[to + k]];
    const missing = a === MISSING || b === MISSING;
    out[k] = missing ? NaN : ox + kx * (a + (b - a) * part);
    out[k + 1] = missing ? NaN : oy - ky * (data[from + k + 1] + (data[to + k + 1] - data[from + k + 1]) * part);
  }
  return out;
}

function traceLine(path, at, start, end, closed) {
  let open = false;
  let whole = true;
  for (let i = start; i < end; i++) {
    const x = at[2 * i];
    if (Number.isNaN(x)) {
      open = whole = false;
      continue;
    }
    if (open) path.lineTo(x, at[2 * i + 1]);
    else path.moveTo(x, at[2 * i + 1]);
    open = true;
  }
  if (!closed || end - start < 3) return;
  if (whole) path.closePath();
  else if (open && !Number.isNaN(at[2 * start])) path.lineTo(at[2 * start], at[2 * start + 1]);
}

function traceDots(path, at, start, end, radius) {
  for (let i = start; i < end; i++) {
    const [x, y] = [at[2 * i], at[2 * i + 1]];
    if (Number.isNaN(x)) continue;
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  }
}
