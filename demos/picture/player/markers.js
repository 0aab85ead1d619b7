// Markers layers: a symbol, and a label if there is room, at named points.

const ARMS = { // strokes of each symbol, in pixels relative to its position
  saddle: [[-4.5, -4.5, 4.5, 4.5], [-4.5, 4.5, 4.5, -4.5]],
  cross: [[-5.5, 0, 5.5, 0], [0, -5.5, 0, 5.5]],
  plus: [[-3.6, 0, 3.6, 0], [0, -3.6, 0, 3.6]],
  minus: [[-3.6, 0, 3.6, 0]],
};
const RINGS = { minimum: 5, ring: 7 }; // radius of the circle
const DISCS = { minimum: 2, dot: 4.5, plus: 7, minus: 7 }; // radius of the disc
const CHARGES = { plus: 1, minus: 0 }; // index into the categorical map: a warm and a cold colour

const markersMove = (layer) => layer.positions.shape.length === 3;

function drawMarkers(ctx, layer, view) {
  if (!view.on(layer.name)) return;
  const { box, theme, fonts } = view;
  const places = markerPlaces(layer, view).map(([x, y]) => [box.sx(x), box.sy(y)]);
  ctx.lineCap = ctx.lineJoin = "round";
  places.forEach((place, i) => drawSymbol(ctx, layer.symbols[i], place, theme, chargeSize(layer, places, i)));
  ctx.font = fonts.label;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const taken = places.map(([x, y]) => [x - 7, y - 7, x + 7, y + 7]);
  places.forEach(([x, y], i) => {
    const text = layer.labels[i];
    if (!text || !Number.isFinite(x + y)) return;
    const half = measureRich(ctx, text) / 2;
    const high = fonts.size / 2;
    const [side, over] = [half + 11, high + 11];
    for (const [dx, dy] of [[0, -over], [0, over], [side, 0], [-side, 0], [side, -over], [-side, -over], [side, over], [-side, over]]) {
      const area = [x + dx - half, y + dy - high, x + dx + half, y + dy + high];
      const inside = area[0] >= box.plot.x + 2 && area[2] <= box.plot.x + box.plot.w - 2 &&
        area[1] >= box.plot.y && area[3] <= box.plot.y + box.plot.h;
      const hits = taken.some((other, k) => k !== i && area[0] < other[2] && other[0] < area[2] &&
        area[1] < other[3] && other[1] < area[3]);
      if (!inside || hits) continue;
      taken.push(area);
      plate(ctx, x + dx - half, y + dy - high, 2 * half, fonts.size, theme);
      writeOver(ctx, text, x + dx, y + dy, theme);
      return;
    }
  });
}

// Text over data, with a halo in the background colour.
function writeOver(ctx, text, x, y, theme, color = -1) {
  ctx.lineJoin = "round";
  ctx.strokeStyle = css(theme.paper, 0.85);
  ctx.lineWidth = 4;
  fillRich(ctx, text, x, y, Infinity, true);
  ctx.fillStyle = css(color === -1 ? theme.ink : blend(colorOf(color, theme), theme.ink, 0.3)); // text needs a contrast of 4.5 : 1
  fillRich(ctx, text, x, y);
}

// A rectangle in the background colour under text; (x, y) is its upper left corner.
function plate(ctx, x, y, width, size, theme) {
  ctx.fillStyle = css(theme.paper, 0.72);
  ctx.beginPath();
  ctx.roundRect(x - 4, y - 3, width + 8, size + 6, 4);
  ctx.fill();
}

// The current positions in the panel's coordinates. A marker that jumps (through a periodic border, or because its
// index was reused) is not interpolated.
function markerPlaces(layer, view) {
  const { data, shape } = layer.positions;
  const count = shape.at(-2);
  const now = markersMove(layer) ? Math.floor(view.t) : 0;
  const next = markersMove(layer) ? Math.min(now + 1, layer.frames - 1) : 0;
  const part = markersMove(layer) ? view.t - now : 0;
  const { x, y } = view.box.panel;
  return Array.from({ length: count }, (_, i) => {
    const [a, b] = [2 * (now * count + i), 2 * (next * count + i)];
    const jump = Math.hypot((data[b] - data[a]) / (x[1] - x[0]), (data[b + 1] - data[a + 1]) / (y[1] - y[0]));
    if (jump <= 0.1) return [mix(data[a], data[b], part), mix(data[a + 1], data[b + 1], part)];
    const k = part < 0.5 ? a : b; // also if one of them is missing
    return [data[k], data[k + 1]];
  });
}

// A charge close to another one is drawn smaller, so that they do not cover each other or the field.
function chargeSize(layer, places, i) {
  if (!(layer.symbols[i] in CHARGES)) return 1;
  const [x, y] = places[i];
  let least = Infinity;
  for (const [k, [ox, oy]] of places.entries()) {
    if (k !== i && layer.symbols[k] in CHARGES) least = Math.min(least, Math.hypot(x - ox, y - oy) || Infinity);
  }
  return clamp(least / (2 * DISCS.plus + 3), 0.6, 1);
}

/** @param {number[]} place */
function drawSymbol(ctx, symbol, place, theme, size = 1) {
  const [x, y] = place;
  if (!Number.isFinite(x + y)) return;
  const charged = symbol in CHARGES;
  const color = charged ? colorOf(CHARGES[symbol], theme) : theme.ink;
  const disc = (radius, fill) => {
    ctx.beginPath();
    ctx.arc(x, y, radius * size, 0, 2 * Math.PI);
    ctx.fillStyle = css(fill);
    ctx.fill();
  };
  if (charged) disc(DISCS[symbol] + 1.5, theme.paper);
  if (charged) disc(DISCS[symbol], color);
  for (const halo of charged ? [false] : [true, false]) {
    ctx.strokeStyle = css(halo || charged ? theme.paper : theme.ink, halo ? 0.9 : 1);
    ctx.lineWidth = halo ? 4.5 : charged ? 2 : 1.6;
    ctx.beginPath();
    const radius = RINGS[symbol] ?? (halo ? DISCS[symbol] : undefined);
    if (radius) ctx.arc(x, y, radius, 0, 2 * Math.PI);
    for (const [ax, ay, bx, by] of ARMS[symbol] ?? []) {
      ctx.moveTo(x + ax * size, y + ay * size);
      ctx.lineTo(x + bx * size, y + by * size);
    }
    ctx.stroke();
  }
  if (!charged && DISCS[symbol]) disc(DISCS[symbol], theme.ink);
}
