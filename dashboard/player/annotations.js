// Words at features of a plot, and how many points are outside of it.

function drawAnnotations(s) {
  const { ctx, fonts, theme, dpr } = s;
  const frame = Math.round(s.t);
  for (const box of s.figure.boxes) {
    const notes = (box.panel.annotations ?? []).filter(({ first, last }) => first <= frame && frame <= last);
    const counts = s.picture.extra.quiet ? null : beyondNow(box.panel, frame);
    if (!notes.length && !counts) continue; // setting a font takes its time
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.font = fonts.label;
    ctx.textBaseline = "middle";
    for (const note of notes) drawAnnotation(ctx, box, note, theme);
    if (counts) drawBeyond(ctx, box, counts, fonts, theme);
  }
}

// Inside of the plot, however long its words are.
function drawAnnotation(ctx, box, { text, x, y, align, color }, theme) {
  const { plot } = box;
  const lines = text.split("\n");
  const line = 1.3 * parseFloat(ctx.font.match(/(\d+(\.\d+)?)px/)[1]);
  ctx.textAlign = "left";
  lines.forEach((words, i) => {
    const width = ctx.measureText(words).width;
    const shift = { left: 6, center: -width / 2, right: -width - 6 }[align];
    const px = clamp(box.sx(x) + shift, plot.x + 4, Math.max(plot.x + 4, plot.x + plot.w - width - 4));
    const py = clamp(box.sy(y) + (i - (lines.length - 1) / 2) * line, plot.y + line / 2, plot.y + plot.h - line / 2);
    writeOver(ctx, words, px, py, theme, color);
  });
}

// Points of this frame beyond the left, right, lower and upper side, and nowhere (not finite); null where all are in.
function beyondNow(panel, frame) {
  const sums = [0, 0, 0, 0, 0];
  for (const { beyond } of panel.layers) {
    if (beyond) sums.forEach((_, side) => { sums[side] += beyond.data[5 * frame + side]; });
  }
  return sums.some((count) => count > 0) ? sums : null;
}

/** @param {number[]} counts */
function drawBeyond(ctx, { plot }, counts, fonts, theme) {
  const [left, right, below, above, nowhere] = counts;
  const inset = fonts.size * 0.5;
  const write = (text, x, y, align) => {
    ctx.textAlign = align;
    writeOver(ctx, text, x, y, theme);
  };
  const [middle, center] = [plot.y + plot.h / 2, plot.x + plot.w / 2];
  if (left) write(`◂ ${left}`, plot.x + inset, middle, "left");
  if (right) write(`${right} ▸`, plot.x + plot.w - inset, middle, "right");
  if (above) write(`▴ ${above}`, center, plot.y + fonts.size, "center");
  if (below) write(`▾ ${below}`, center, plot.y + plot.h - fonts.size, "center");
  if (nowhere) write(`${nowhere} lost`, plot.x + plot.w - inset, plot.y + fonts.size, "right");
}
