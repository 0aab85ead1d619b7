// Annotations at points of a plot, and the number of particles outside of it.

function drawAnnotations(s) {
  const { ctx, fonts, theme, dpr } = s;
  const frame = Math.round(s.t);
  const shown = [];
  for (const box of s.figure.boxes) {
    const notes = (box.panel.annotations ?? []).filter(({ first, last }) => first <= frame && frame <= last);
    const counts = s.picture.extra.quiet ? null : beyondNow(box.panel, frame);
    if (!notes.length && !counts) continue; // skip early: setting a font is slow
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.font = fonts.label;
    ctx.textBaseline = "middle";
    const taken = [];
    if (counts) drawBeyond(ctx, box, counts, fonts, theme, taken);
    for (const note of notes) {
      drawAnnotation(ctx, box, note, fonts, theme, taken);
      shown.push(note.text);
    }
  }
  s.root.dataset.notes = shown.join("\n");
}

// The text, broken into lines no wider than `most`.
function broken(ctx, text, most) {
  return text.split("\n").flatMap((given) => {
    const lines = [""];
    for (const word of given.split(" ")) {
      const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
      if (lines.at(-1) && measureRich(ctx, longer) > most) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  });
}

// Draw an annotation inside of the plot, where it does not cover the ones already drawn.
function drawAnnotation(ctx, box, { text, x, y, align, color }, fonts, theme, taken) {
  const { plot } = box;
  const line = 1.3 * fonts.size;
  const lines = broken(ctx, text, plot.w - 12);
  const widths = lines.map((words) => measureRich(ctx, words));
  const [width, height] = [Math.max(...widths), lines.length * line];
  const at = box.sx(x) + { left: 7, center: -width / 2, right: -width - 7 }[align];
  const left = clamp(at, plot.x + 5, Math.max(plot.x + 5, plot.x + plot.w - width - 5));
  const free = (top) => taken.every(([l, t, r, b]) => left > r || left + width < l || top > b || top + height < t);
  const wanted = box.sy(y) - height / 2;
  const tops = [0, -1, 1, -2, 2, -3, 3].map((steps) =>
    clamp(wanted + steps * line, plot.y + 3, Math.max(plot.y + 3, plot.y + plot.h - height - 3)));
  const top = tops.find(free) ?? tops[0];
  taken.push([left, top, left + width, top + height]);
  plate(ctx, left, top + line / 2 - fonts.size / 2, width, fonts.size + height - line, theme);
  ctx.textAlign = "left";
  lines.forEach((words, i) => {
    const shift = { left: 0, center: (width - widths[i]) / 2, right: width - widths[i] }[align];
    writeOver(ctx, words, left + shift, top + (i + 0.5) * line, theme, color);
  });
}

// The numbers of particles beyond the left, right, lower and upper side, and not finite; null if all are inside.
function beyondNow(panel, frame) {
  const sums = [0, 0, 0, 0, 0];
  for (const { beyond } of panel.layers) {
    if (beyond) sums.forEach((_, side) => { sums[side] += beyond.data[5 * frame + side]; });
  }
  return sums.some((count) => count > 0) ? sums : null;
}

/** @param {number[]} counts */
function drawBeyond(ctx, { plot }, counts, fonts, theme, taken) {
  const [left, right, below, above, nowhere] = counts;
  const inset = fonts.size * 0.5;
  const write = (text, x, y, align) => {
    const width = ctx.measureText(text).width;
    const from = x - { left: 0, center: width / 2, right: width }[align];
    taken.push([from, y - fonts.size / 2, from + width, y + fonts.size / 2]);
    plate(ctx, from, y - fonts.size / 2, width, fonts.size, theme);
    ctx.textAlign = align;
    writeOver(ctx, text, x, y, theme);
  };
  const count = (number) => format(number, 3, true);
  const [middle, center] = [plot.y + plot.h / 2, plot.x + plot.w / 2];
  if (left) write(`◂ ${count(left)}`, plot.x + inset, middle, "left");
  if (right) write(`${count(right)} ▸`, plot.x + plot.w - inset, middle, "right");
  if (above) write(`▴ ${count(above)}`, center, plot.y + fonts.size, "center");
  if (below) write(`▾ ${count(below)}`, center, plot.y + plot.h - fonts.size, "center");
  if (nowhere) write(`${count(nowhere)} lost`, plot.x + plot.w - inset, plot.y + fonts.size, "right");
}
