// Arrows layers: vector fields, constant or moving.

function drawArrows(ctx, layer, view) {
  if (!view.on(layer.name)) return;
  if (layer.by_angle) drawNeedles(ctx, layer, view);
  else drawVectors(ctx, layer, view);
}

const arrowsMove = (layer) => (layer.by_angle ? layer.angles.shape[0] > 1 : layer.vectors.shape.length === 3);

// The two frames around the clock: the offsets of their numbers, and the fraction of the way to the second.
function between(layer, view, size) {
  if (!arrowsMove(layer)) return [0, 0, 0];
  const from = Math.floor(view.t);
  return [from * size, Math.ceil(view.t) * size, view.t - from];
}

// The side of the square that is available for one arrow.
const roomFor = (layer, { plot }) => 0.85 * Math.sqrt((plot.w * plot.h) / layer.origins.shape[0]);

// Lengths are proportional to the square root of the vector; the longest arrows of all frames do not quite touch.
function drawVectors(ctx, layer, view) {
  const { box, theme } = view;
  const origins = layer.origins.data;
  const { data } = layer.vectors;
  const count = layer.origins.shape[0];
  const longest = longestArrow(layer, box);
  if (!(longest > 0)) return;
  const room = roomFor(layer, box);
  const [from, to, part] = between(layer, view, 2 * count);
  ctx.beginPath();
  for (let i = 0; i < count; i++) {
    const k = 2 * i;
    const vx = mix(data[from + k], data[to + k], part) * box.kx;
    const vy = -mix(data[from + k + 1], data[to + k + 1], part) * box.ky;
    const size = Math.hypot(vx, vy);
    const length = room * Math.sqrt(size / longest);
    if (!(length > 1.5)) continue;
    const [ux, uy] = [vx / size, vy / size];
    const x = box.sx(origins[k]) - (ux * length) / 2;
    const y = box.sy(origins[k + 1]) - (uy * length) / 2;
    const [ex, ey] = [x + ux * length, y + uy * length];
    const head = Math.min(5, length * 0.4);
    ctx.moveTo(x, y);
    ctx.lineTo(ex, ey);
    ctx.moveTo(ex - head * (ux + 0.6 * uy), ey - head * (uy - 0.6 * ux));
    ctx.lineTo(ex, ey);
    ctx.lineTo(ex - head * (ux - 0.6 * uy), ey - head * (uy + 0.6 * ux));
  }
  ctx.strokeStyle = css(theme.ink, 0.5);
  ctx.lineWidth = 1.1;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.stroke();
}

function longestArrow(layer, box) {
  const key = `${box.kx}|${box.ky}`;
  if (layer.longest?.key === key) return layer.longest.value;
  const { data } = layer.vectors;
  let value = 0;
  for (let k = 0; k < data.length; k += 2) {
    const size = Math.hypot(data[k] * box.kx, data[k + 1] * box.ky);
    if (size > value && size < Infinity) value = size;
  }
  layer.longest = { key, value };
  return value;
}

const NEEDLE = 4.5; // px: half the length below which needles are drawn as coloured squares
const HUES = 48; // number of hues: arrows of one hue are drawn as one path

// Arrows of equal length, like compass needles, coloured by direction.
function drawNeedles(ctx, layer, view) {
  const { box, theme } = view;
  const origins = layer.origins.data;
  const { data } = layer.angles;
  const count = layer.origins.shape[0];
  const [from, to, part] = between(layer, view, count);
  const half = roomFor(layer, box) * 0.54;
  if (half < NEEDLE) {
    drawTiles(ctx, layer, view, [from, to, part]);
    return;
  }
  const side = Math.max(0.9, half * 0.3);
  const paths = Array.from({ length: HUES }, () => new Path2D());
  for (let i = 0; i < count; i++) {
    const a = data[from + i];
    const b = data[to + i];
    if (a === MISSING_BYTE || b === MISSING_BYTE) continue;
    const turn = b - a > 127 ? b - a - 255 : b - a < -127 ? b - a + 255 : b - a;
    const step = (a + turn * part + 255) % 255;
    const angle = (step / 255) * 2 * Math.PI;
    const [ux, uy] = [Math.cos(angle), -Math.sin(angle)];
    const [x, y] = [box.sx(origins[2 * i]), box.sy(origins[2 * i + 1])];
    const path = paths[Math.floor((step / 255) * HUES)];
    path.moveTo(x + ux * half, y + uy * half);
    path.lineTo(x - ux * half - uy * side, y - uy * half + ux * side);
    path.lineTo(x - ux * half * 0.6, y - uy * half * 0.6);
    path.lineTo(x - ux * half + uy * side, y - uy * half - ux * side);
    path.closePath();
  }
  paths.forEach((path, hue) => {
    ctx.fillStyle = css(theme.cyclic[Math.round(((hue + 0.5) / HUES) * 255)]);
    ctx.fill(path);
  });
}

// Adjacent squares, one for each arrow, coloured by direction.
function drawTiles(ctx, layer, { box, theme }, [from, to, part]) {
  const origins = layer.origins.data;
  const { data } = layer.angles;
  const side = roomFor(layer, box) / 0.85;
  for (let i = 0; i < layer.origins.shape[0]; i++) {
    const a = data[from + i];
    const b = data[to + i];
    if (a === MISSING_BYTE || b === MISSING_BYTE) continue;
    const turn = b - a > 127 ? b - a - 255 : b - a < -127 ? b - a + 255 : b - a;
    const step = (a + turn * part + 255) % 255;
    ctx.fillStyle = css(theme.cyclic[Math.round(step)]);
    const [x, y] = [box.sx(origins[2 * i]) - side / 2, box.sy(origins[2 * i + 1]) - side / 2];
    const [left, top] = [Math.floor(x), Math.floor(y)]; // whole pixels, to avoid visible seams
    ctx.fillRect(left, top, Math.ceil(x + side) - left, Math.ceil(y + side) - top);
  }
}
