// Named places: a symbol, and a label where there is room for it.

const ARMS = { // strokes of each symbol, in pixels around its place
  saddle: [[-4.5, -4.5, 4.5, 4.5], [-4.5, 4.5, 4.5, -4.5]],
  cross: [[-5.5, 0, 5.5, 0], [0, -5.5, 0, 5.5]],
  plus: [[-3.6, 0, 3.6, 0], [0, -3.6, 0, 3.6]],
  minus: [[-3.6, 0, 3.6, 0]],
};
const RINGS = { minimum: 5, ring: 7 }; // radius of a circle
const DISCS = { minimum: 2, dot: 4.5, plus: 7, minus: 7 }; // radius of a filled one
const CHARGES = { plus: 1, minus: 0 }; // index into the categorical map: warm and cold, like the diverging map

const markersMove = (layer) => layer.positions.shape.length === 3;

function drawMarkers(ctx, layer, view) {
  if (!view.on(layer.name)) return;
  const { box, theme, fonts } = view;
  const places = markerPlaces(layer, view).map(([x, y]) => [box.sx(x), box.sy(y)]);
  ctx.lineCap = ctx.lineJoin = "round";
  places.forEach((place, i) => drawSymbol(ctx, layer.symbols[i], place, theme));
  ctx.font = fonts.label;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const taken = places.map(([x, y]) => [x - 7, y - 7, x + 7, y + 7]);
  places.forEach(([x, y], i) => {
    const text = layer.labels[i];
    if (!text || !Number.isFinite(x + y)) return;
    const half = ctx.measureText(text).width / 2;
    const high = fonts.size / 2;
    for (const [dx, dy] of [[half + 11, 0], [-half - 11, 0], [0, -high - 10], [0, high + 10]]) {
      const area = [x + dx - half, y + dy - high, x + dx + half, y + dy + high];
      const inside = area[0] >= box.plot.x && area[2] <= box.plot.x + box.plot.w;
      const hits = taken.some((other, k) => k !== i && area[0] < other[2] && other[0] < area[2] &&
        area[1] < other[3] && other[1] < area[3]);
      if (!inside || hits) continue;
      taken.push(area);
      writeOver(ctx, text, x + dx, y + dy, theme);
      return;
    }
  });
}

// Words on top of data: with a halo of paper.
function writeOver(ctx, text, x, y, theme, color = -1) {
  ctx.lineJoin = "round";
  ctx.strokeStyle = css(theme.paper, 0.85);
  ctx.lineWidth = 4;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = css(colorOf(color, theme));
  ctx.fillText(text, x, y);
}

// Places now, in the panel's coordinates. One that jumps (through a periodic border, or because another took its
// number) stays where it was until the next frame.
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
    const k = part < 0.5 ? a : b; // also where one of them is missing
    return [data[k], data[k + 1]];
  });
}

/** @param {number[]} place */
function drawSymbol(ctx, symbol, place, theme) {
  const [x, y] = place;
  if (!Number.isFinite(x + y)) return;
  const charged = symbol in CHARGES;
  const color = charged ? colorOf(CHARGES[symbol], theme) : theme.ink;
  const disc = (radius, fill) => {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
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
      ctx.moveTo(x + ax, y + ay);
      ctx.lineTo(x + bx, y + by);
    }
    ctx.stroke();
  }
  if (!charged && DISCS[symbol]) disc(DISCS[symbol], theme.ink);
}
