// Where things stand: rows of panels, plot rectangles, scales and ticks. All lengths in CSS pixels.

const NARROW = 560; // below this width panels stand under each other

// Round numbers at a pleasant distance: 1, 2 or 5 times a power of ten (Heckbert, Graphics Gems, 1990).
function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.7);
  const decimals = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 12);
  const huge = Math.max(Math.abs(low), Math.abs(high)) >= 1e5 || step < 1e-4;
  const list = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    const value = k * step;
    const text = huge && k !== 0 ? format(value, 2) : value.toFixed(huge ? 0 : decimals).replace("-", "−");
    list.push({ value, text: Number(value.toFixed(decimals)) === 0 ? "0" : text });
  }
  return list;
}

function fontsFor(theme, width) {
  const size = Math.round(clamp(width / 80, 14, 20));
  return {
    size,
    small: `400 ${size}px ${theme.font}`,
    label: `500 ${size}px ${theme.font}`,
    symbol: `italic 400 ${Math.round(size * 1.1)}px ${theme.heading}`,
    title: `600 ${Math.round(size * 1.2)}px ${theme.heading}`,
  };
}

// The figure at a given width: { height, boxes: [{ panel, plot, … }] }. `height` null: its natural one, but at most
// `tallest`. Twice, because legends break by the width of their plot, which depends on the room that they leave.
function arrange(...given) {
  const roomOf = (box) => Math.max(box.plot.w, Math.min(box.plotWidth, 320));
  const first = arrangeOnce(...given, null);
  return arrangeOnce(...given, new Map(first.boxes.map((box) => [box.panel, roomOf(box)])));
}

function arrangeOnce(picture, width, height, tallest, fonts, measure, rooms) {
  const line = Math.round(fonts.size * 1.45);
  const stacked = width < NARROW;
  /** @type {any[]} */
  const rows = [];
  for (const panel of picture.panels) {
    const key = stacked ? panel.index : panel.row;
    /** @type {any} */
    let row = rows.find((r) => r.key === key);
    if (!row) rows.push((row = { key, panels: [] }));
    row.panels.push(panel);
  }
  if (!stacked) rows.sort((a, b) => a.key - b.key);
  const gap = Math.round(fonts.size * 1.7);
  const left = [];
  for (const row of rows) {
    row.panels.forEach((panel, column) => {
      if (spatial(panel)) { // no axes
        left[column] ??= 0;
        return;
      }
      const numbers = Math.max(...ticks(...panel.y, 5).map((t) => measure(t.text, fonts.small)));
      left[column] = Math.max(left[column] ?? 0, Math.ceil(numbers + 10 + (panel.y_label ? line : 4)));
    });
  }
  for (const row of rows) {
    const free = width - gap * (row.panels.length - 1);
    const weights = row.panels.reduce((sum, p) => sum + p.weight, 0);
    let x = 0;
    row.boxes = row.panels.map((panel, column) => {
      const box = { panel, x, width: (free * panel.weight) / weights, left: left[column], right: 12 };
      x += box.width + gap;
      box.plotWidth = Math.max(40, box.width - box.left - box.right);
      const room = rooms?.get(panel) ?? box.plotWidth;
      box.legend = legendLines(panel, fonts, room, measure);
      const title = panel.title ? measure(panel.title, fonts.title) + 40 : 0;
      box.beside = title > 0 && box.legend.length === 1 && title + lineWidth(box.legend[0]) < room;
      box.bottom = spatial(panel) ? 4 : line + 6 + (panel.x_label ? line : 0);
      return box;
    });
    const some = (test) => row.boxes.some(test);
    row.title = some((b) => b.panel.title) ? Math.round(line * 1.2) : 0;
    row.subtitle = some((b) => b.panel.subtitle) ? line : 0;
    row.legend = line * Math.max(...row.boxes.map((b) => (b.beside ? 0 : b.legend.length)));
    row.top = row.title + row.subtitle + row.legend + 8;
    row.chrome = row.top + Math.max(...row.boxes.map((b) => b.bottom));
    row.share = Math.max(...row.panels.map((p) => p.height));
    row.natural = Math.max(...row.boxes.map(({ panel, plotWidth }) => plotWidth * naturalShape(panel)));
  }
  const chrome = rows.reduce((sum, row) => sum + row.chrome, 0) + gap * 0.5 * (rows.length - 1);
  const shares = rows.reduce((sum, row) => sum + row.share, 0);
  const natural = chrome + Math.max(...rows.map((row) => row.natural / row.share)) * shares;
  const total = Math.max(height ?? Math.min(natural, stacked ? Math.max(tallest, 260 * rows.length) : tallest), 160);
  const unit = Math.max(40, (total - chrome) / shares);
  let y = 0;
  const boxes = [];
  for (const row of rows) {
    for (const box of row.boxes) {
      boxes.push(place(box, row, y, unit * row.share));
    }
    y += row.chrome + unit * row.share + gap * 0.5;
  }
  return { width, height: Math.round(total), boxes, line };
}

// Height over width.
function naturalShape(panel) {
  if (spatial(panel)) return 0.8;
  return panel.equal ? (panel.y[1] - panel.y[0]) / (panel.x[1] - panel.x[0]) : 0.62;
}

// The plot's rectangle inside its box, and the maps from data to pixels and back.
function place(box, row, y, height) {
  const { panel } = box;
  const [dx, dy] = [panel.x[1] - panel.x[0], panel.y[1] - panel.y[0]];
  let [w, h] = [box.plotWidth, height];
  if (panel.equal && !spatial(panel)) {
    const scale = Math.min(w / dx, h / dy);
    [w, h] = [scale * dx, scale * dy];
  }
  const x0 = Math.round(box.x + box.left + (box.plotWidth - w) / 2);
  const y0 = Math.round(y + row.top + (height - h) / 2);
  const plot = { x: x0, y: y0, w: Math.round(w), h: Math.round(h) };
  return {
    ...box, plot, y, row,
    kx: plot.w / dx,
    ky: plot.h / dy,
    sx: (v) => plot.x + ((v - panel.x[0]) / dx) * plot.w,
    sy: (v) => plot.y + plot.h - ((v - panel.y[0]) / dy) * plot.h,
    inverse: (px, py) => [
      panel.x[0] + ((px - plot.x) / plot.w) * dx,
      panel.y[0] + ((plot.y + plot.h - py) / plot.h) * dy,
    ],
  };
}
