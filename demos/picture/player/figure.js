// Layout: rows of panels, plot rectangles, scales and ticks. All lengths are CSS pixels.

const NARROW = 560; // below this width panels are stacked
const GAP = 16; // between two panels of a row
const PLENTY = 0.5; // of the window's height: the largest height of a picture that contains charts
const TALL = 0.42; // of the window's height: the largest height of a stacked panel
const EDGE = 10; // right of a plot: room for half of its last number

// Ticks at multiples of 1, 2 or 5 times a power of ten (Heckbert, Graphics Gems, 1990).
function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.7);
  const decimals = clamp(-Math.floor(Math.log10(step) + 1e-9), 0, 12);
  const huge = Math.max(Math.abs(low), Math.abs(high)) >= 1e5 || step < 1e-4;
  const list = [];
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first; // counted from 0: beyond 2⁵³ a whole number plus one is the same number
  for (let i = 0; i <= count; i++) {
    const k = first + i;
    const value = k * step;
    const text = huge && k !== 0 ? format(value, 2) : value.toFixed(huge ? 0 : decimals).replace("-", "−");
    list.push({ value, text: Number(value.toFixed(decimals)) === 0 ? "0" : text });
  }
  return list;
}

const ticksAcross = (panel, most) => wholeOfCells(panel, panel.x, scaledTicks(panel.x, panel.x_scale, most));
const ticksUp = (panel, most) => wholeOfCells(panel, panel.y, scaledTicks(panel.y, panel.y_scale, most));

// Cells are numbered: an axis that begins at the border of one, at a half, has no ticks between them.
function wholeOfCells(panel, [low], list) {
  const cells = low % 1 === 0.5 && panel.layers.some((layer) => layer.kind === "field" && layer.crisp);
  return cells ? list.filter(({ value }) => Number.isInteger(Number(value.toFixed(9))))
    .map(({ value }) => ({ value, text: format(Math.round(value), 3, true) })) : list;
}

// Ticks of an axis, at most about `most`, with round numbers of the quantity that its name tells: the axis has its
// decimal logarithm (scale "log"), its binary one ("log2"), or its root of this order (scale 2 or 3).
function scaledTicks([low, high], scale, most) {
  if (!scale) return ticks(low, high, most);
  if (scale === "log2") {
    const whole = ticks(low, high, most).filter(({ value }) => Number.isInteger(value));
    return whole.map(({ value }) => ({ value, text: format(2 ** value, 2, value >= 0) }));
  }
  const text = (value) => (value === 0 ? "0" : value >= 1e-3 && value < 1e5
    ? String(Number(value.toPrecision(2))) : format(value, 1).replace("1·", ""));
  if (scale === "log") {
    const powers = Math.floor(high + 1e-9) - Math.ceil(low - 1e-9);
    const tens = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, powers / most))));
    const stride = tens * [1, 2, 5, 10].find((m) => m * tens >= powers / most);
    const within = powers < 1 ? [1, 2, 5] : powers < 2 ? [1, 3] : [1];
    const list = [];
    for (let power = Math.floor(low); power <= high + 1e-9; power++) {
      if (power % stride) continue;
      for (const digit of within) {
        const value = power + Math.log10(digit);
        const name = digit > 1 || power >= -3 ? text(digit * 10 ** power) : `10${raised(power)}`; // 10⁻⁴⁰⁰ is no number
        if (value >= low - 1e-9 && value <= high + 1e-9) list.push({ value, text: name });
      }
    }
    if (list.length > 1) return list;
    return ticks(10 ** low, 10 ** high, most).map(({ value, text }) => ({ value: Math.log10(value), text })); // a short axis
  }
  const round = (value) => { // the nearest of 1, 2, 3, 5 times a power of ten
    const power = 10 ** Math.floor(Math.log10(value));
    return power * [1, 2, 3, 5, 10].reduce((a, b) => (Math.abs(b - value / power) < Math.abs(a - value / power) ? b : a));
  };
  const found = new Set(ticks(low, high, most).filter(({ value }) => value >= -1e-9)
    .map(({ value }) => (value > 1e-9 ? round(value ** scale) : 0)));
  let last = -Infinity;
  return [...found].map((value) => ({ value: value ** (1 / scale), text: text(value) })).filter(({ value }) => {
    if (value > high || value - last < (high - low) / (2 * most)) return false; // rounded too near to the one before
    last = value;
    return true;
  });
}

// The font size: larger in full screen, for lecture halls.
function fontsFor(theme, width, hall = false) {
  const size = Math.round(hall ? clamp(width / 66, 16, 32) : clamp(width / 80, 14, 20));
  return {
    size,
    small: `400 ${size}px ${theme.font}`,
    label: `500 ${size}px ${theme.font}`,
    symbol: `italic 400 ${Math.round(size * 1.1)}px ${theme.heading}`,
    title: `600 ${Math.round(size * 1.15)}px ${theme.heading}`,
  };
}

// The layout at a given width: { height, boxes: [{ panel, plot, … }] }. height null: the natural height, at most
// `tallest`. It is iterated four times, because line breaks of legends depend on the width of plots and vice versa.
function arrange(picture, width, height, tallest, fonts, measure) {
  const stacked = width < NARROW;
  let figure = null;
  for (let pass = 0; pass < 4; pass++) {
    figure = arrangeOnce(rowsOf(picture, stacked), stacked, width, height, tallest, fonts, measure, figure);
  }
  return figure;
}

function rowsOf(picture, stacked) {
  /** @type {any[]} */
  const rows = [];
  for (const panel of picture.panels) {
    const key = stacked ? panel.index : panel.row;
    let row = rows.find((r) => r.key === key);
    if (!row) rows.push((row = { key, panels: [] }));
    row.panels.push(panel);
  }
  if (!stacked) rows.sort((a, b) => a.key - b.key);
  return rows;
}

function arrangeOnce(rows, stacked, width, height, tallest, fonts, measure, before) {
  const line = Math.round(fonts.size * 1.45);
  const gap = Math.round(fonts.size * 0.8);
  const known = new Map((before?.boxes ?? []).map((box) => [box.panel, box]));
  measureLeft(rows, fonts, measure, line);
  for (const row of rows) {
    const rooms = widthsOf(row, width, known.get(row.panels[0])?.row.wanted);
    let x = 0;
    row.boxes.forEach((box, i) => {
      box.plotWidth = rooms[i];
      box.x = x;
      box.width = box.left + rooms[i] + box.right;
      x += box.width + GAP;
    });
    // Remaining width is divided between both ends; for a single panel it is used by the title and the legend.
    const over = Math.max(0, width - (x - GAP));
    const [only] = row.boxes;
    only.aside = row.boxes.length === 1 && !stacked && over > Math.max(200, 0.2 * width);
    for (const box of row.boxes) box.x += only.aside ? 0.35 * (over - 200) : over / 2;
    if (only.aside) only.width = width - only.x;
    writeHeaders(row, fonts, measure, line, stacked);
  }
  const chrome = rows.reduce((sum, row) => sum + row.chrome, 0) + gap * (rows.length - 1);
  const shares = rows.reduce((sum, row) => sum + row.share, 0);
  const natural = chrome + Math.max(...rows.map((row) => naturalHeight(row, width) / row.share)) * shares;
  // Stacked panels are scrolled: each may be as high as a tall, narrow window can show at once.
  const scrolled = stacked ? Math.max(260 * rows.length, chrome + TALL * innerHeight * shares) : 0;
  const total = Math.max(height ?? Math.min(natural, Math.max(tallest, scrolled)), 160);
  const unit = Math.max(40, (total - chrome) / shares);
  let y = 0;
  const boxes = [];
  for (const row of rows) {
    // Charts are not higher than panels with equal scales beside them, whose height is limited by the width.
    const equal = row.boxes.filter(({ panel }) => panel.equal && !spatial(panel));
    const most = Math.max(...equal.map((box) => box.plotWidth / aspectOf(box.panel)));
    row.wanted = unit * row.share;
    row.unit = height === null && equal.length && before ? Math.min(row.wanted, most) : row.wanted;
    for (const box of row.boxes) boxes.push(place(box, row, y, row.unit));
    y += row.chrome + row.unit + gap;
  }
  return { width, height: Math.round(height ?? Math.min(total, Math.max(160, y - gap))), boxes, line };
}

// Whether an axis label is a mathematical letter, which is drawn at the end of the axis.
const isSymbol = (text) => [...text].length <= 2;

// The room for numbers and names left of each plot. Adjacent panels with the same axis show its numbers once.
function measureLeft(rows, fonts, measure, line) {
  const left = [];
  for (const row of rows) {
    row.boxes = row.panels.map((panel, column) => {
      const first = row.panels[0];
      const same = (a, b) => a.every((value, i) => value === b[i]);
      const shares = column > 0 && !spatial(panel) && !spatial(first) && panel.equal && first.equal &&
        panel.y_label === first.y_label && same(panel.y, first.y);
      const box = { panel, right: spatial(panel) ? 4 : EDGE, numbers: !shares, left: 0 };
      if (!spatial(panel) && !shares) {
        // As many as a high plot has: finer steps have more decimals. Fewer may be wider only where numbers are huge.
        const numbers = Math.max(...[5, 7].flatMap((most) => ticksUp(panel, most))
          .map((t) => measure(t.text, fonts.small)));
        box.left = Math.ceil(numbers + 10 + (panel.y_label && !isSymbol(panel.y_label) ? line : 2));
      }
      left[column] = Math.max(left[column] ?? 0, box.left);
      return box;
    });
  }
  for (const row of rows) row.boxes.forEach((box, column) => { box.left = left[column]; });
}

const aspectOf = ({ x, y }) => (x[1] - x[0]) / (y[1] - y[0]);

// The aspect ratio (width over height) that a panel requires; charts take the remaining width.
const wish = (panel, alone) => (spatial(panel) ? 1.15 : panel.equal ? aspectOf(panel) : alone ? 1.6 : 1);

const roomOf = (row, width) =>
  Math.max(40 * row.boxes.length,
    width - row.boxes.reduce((sum, box) => sum + box.left + box.right, 0) - GAP * (row.boxes.length - 1));

function naturalHeight(row, width) {
  const alone = row.panels.every((panel) => !panel.equal || spatial(panel));
  const natural = roomOf(row, width) / row.panels.reduce((sum, panel) => sum + wish(panel, alone), 0);
  const bends = row.panels.some((panel) => spatial(panel) || !panel.equal);
  return bends && width >= NARROW ? Math.max(natural, PLENTY * innerHeight) : natural;
}

// The widths of the plots of a row with the height `high`: by weight, but a panel with equal scales takes only what it
// can use; charts get the rest, and at least half of their share by weight.
function widthsOf(row, width, high) {
  const room = roomOf(row, width);
  const total = row.panels.reduce((sum, panel) => sum + panel.weight, 0);
  const shares = row.panels.map((panel) => (room * panel.weight) / total);
  const wanted = row.panels.map((panel) => (panel.equal && !spatial(panel) && high ? high * aspectOf(panel) : null));
  if (!high || wanted.every((want) => want === null)) return shares;
  const least = shares.map((share, i) => (wanted[i] === null ? 0.5 * share : 0));
  const free = room - least.reduce((sum, one) => sum + one, 0);
  const asked = wanted.reduce((sum, want) => sum + (want ?? 0), 0);
  const factor = Math.min(1, free / asked);
  const rest = room - factor * asked;
  const flexible = row.panels.reduce((sum, panel, i) => sum + (wanted[i] === null ? panel.weight : 0), 0);
  return row.panels.map((panel, i) => (wanted[i] === null ? (rest * panel.weight) / flexible : wanted[i] * factor));
}

// Titles and legends of a row: legends are beside the titles for all panels or for none; equal legends are shown once.
function writeHeaders(row, fonts, measure, line, stacked) {
  const texts = new Set(row.panels.map((panel) => JSON.stringify(legendItems(panel).map(({ text }) => text))));
  const once = row.panels.length > 1 && texts.size === 1;
  // Subtitles are on the line of the titles if there is room in all panels of the row.
  row.inline = row.boxes.every(({ panel, left, width, aside }) => !panel.subtitle || (panel.title && !aside &&
    measure(panel.title, fonts.title) + measure(panel.subtitle, fonts.small) + 40 < width - left));
  row.boxes.forEach((box, i) => {
    const room = box.aside ? Math.max(160, box.width - box.left - box.plotWidth - 40) : box.width - box.left;
    box.title = box.panel.title ? measure(box.panel.title, fonts.title) + (box.panel.color >= 0 ? 18 : 0) : 0;
    if (row.inline && box.panel.subtitle) box.title += measure(box.panel.subtitle, fonts.small) + 12;
    const [most, widest] = box.aside ? [8, room] : [stacked ? 4 : 2, box.width];
    box.legend = once && i > 0 ? [] : legendLines(box.panel, fonts, room, measure, most, widest);
    box.fits = !box.legend.length || (box.legend.length === 1 && box.title + 24 + lineWidth(box.legend[0]) < room);
    box.bottom = spatial(box.panel) ? 4 : line + 8;
  });
  const beside = row.boxes.every((box) => box.fits);
  for (const box of row.boxes) box.beside = beside && !box.aside;
  const some = (test) => row.boxes.some((box) => !box.aside && test(box));
  row.title = some((b) => b.panel.title || (beside && b.legend.length)) ? Math.round(line * 1.15) : 0;
  row.subtitle = !row.inline && some((b) => b.panel.subtitle) ? line : 0;
  row.legend = line * Math.max(...row.boxes.map((b) => (b.beside || b.aside ? 0 : b.legend.length)));
  row.top = row.title + row.subtitle + row.legend + (row.title + row.subtitle + row.legend ? 5 : 8);
  const symbol = row.boxes.some(({ panel, aside }) => !spatial(panel) && panel.y_label && isSymbol(panel.y_label));
  if (symbol) row.top = Math.max(row.top, line);
  row.chrome = row.top + Math.max(...row.boxes.map((b) => b.bottom));
  row.share = Math.max(...row.panels.map((p) => p.height));
}

// The rectangle of the plot in its box, and the maps from data to pixels and back.
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
