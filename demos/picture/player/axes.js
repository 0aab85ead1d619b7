// Frame, ticks, titles and legends. Drawn once, and again if size, theme or picture change.

function drawAxes(ctx, box, fonts, theme, line) {
  const { panel, plot } = box;
  const field = panel.layers.some((layer) => layer.kind === "field");
  ctx.lineWidth = 1;
  ctx.strokeStyle = css(theme.faint);
  ctx.beginPath();
  if (field) {
    ctx.rect(plot.x - 0.5, plot.y - 0.5, plot.w + 1, plot.h + 1);
  } else {
    ctx.moveTo(plot.x - 0.5, plot.y);
    ctx.lineTo(plot.x - 0.5, plot.y + plot.h + 0.5);
    ctx.lineTo(plot.x + plot.w, plot.y + plot.h + 0.5);
  }
  const across = ticksAcross(panel, clamp(plot.w / (fonts.size * 6), 2, 9));
  const up = ticksUp(panel, clamp(plot.h / (fonts.size * 4), 1.5, 7));
  for (const { value } of across) {
    const x = Math.round(box.sx(value)) + 0.5;
    ctx.moveTo(x, plot.y + plot.h + 1);
    ctx.lineTo(x, plot.y + plot.h + 5);
  }
  for (const { value } of up) {
    const y = Math.round(box.sy(value)) + 0.5;
    ctx.moveTo(plot.x - 1, y);
    ctx.lineTo(plot.x - 5, y);
  }
  ctx.stroke();

  ctx.font = fonts.small;
  ctx.fillStyle = css(theme.muted);
  ctx.textBaseline = "top";
  const name = panel.x_label ? nameOfX(ctx, box, fonts) : Infinity;
  ctx.font = fonts.small;
  ctx.textAlign = "center";
  for (const { value, text } of across) {
    const [x, half] = [box.sx(value), ctx.measureText(text).width / 2];
    if (x + half + 6 < name) ctx.fillText(text, x, plot.y + plot.h + 8);
  }
  if (!box.numbers) return;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  const symbol = panel.y_label && isSymbol(panel.y_label); // it stands over the numbers, and the highest makes way
  for (const { value, text } of up) {
    if (!symbol || box.sy(value) > plot.y + fonts.size * 0.45) ctx.fillText(text, plot.x - 8, box.sy(value));
  }
  if (panel.y_label) nameOfY(ctx, box, fonts, line);
}

// Draw the name of an axis at its end, in the line of its numbers, to save the height of a line.
// Returns where it begins: numbers beyond are left out.
function nameOfX(ctx, { panel, plot }, fonts) {
  const symbol = isSymbol(panel.x_label);
  ctx.font = symbol ? fonts.symbol : fonts.label;
  ctx.textAlign = "right";
  const end = plot.x + plot.w + (symbol ? 6 : 0);
  const width = Math.min(measureRich(ctx, panel.x_label), plot.w);
  fillRich(ctx, panel.x_label, end, plot.y + plot.h + (symbol ? 6 : 8), plot.w);
  return end - width;
}

// A single letter is drawn above the numbers; longer names along the axis.
function nameOfY(ctx, { panel, plot, left }, fonts, line) {
  if (isSymbol(panel.y_label)) {
    ctx.font = fonts.symbol;
    ctx.textAlign = "right";
    ctx.textBaseline = "alphabetic";
    fillRich(ctx, panel.y_label, plot.x - 8, plot.y - fonts.size * 0.62);
    return;
  }
  ctx.save();
  ctx.translate(plot.x - left + line * 0.45, plot.y + plot.h / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.font = fonts.label;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  fillRich(ctx, panel.y_label, 0, 0, plot.h);
  ctx.restore();
}

function drawHeader(ctx, box, fonts, theme, line) {
  const { panel, plot, row } = box;
  const x0 = box.aside ? plot.x + plot.w + 22 : plot.x;
  const edge = box.x + box.width; // right edge for a legend wider than its plot
  let y = box.aside ? plot.y : plot.y - (row.title + row.subtitle + row.legend ? 5 : 8)
    - row.legend - row.subtitle - row.title; // directly above the plot, also if it is lower than its row
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  const height = box.aside ? Math.round(line * 1.15) : row.title;
  const base = y + height * 0.78;
  let x = x0;
  if (panel.title) {
    if (panel.color >= 0) {
      ctx.fillStyle = css(theme.categorical[panel.color % theme.categorical.length]);
      ctx.beginPath();
      ctx.arc(x + 5.5, base - fonts.size * 0.36, 5.5, 0, 2 * Math.PI);
      ctx.fill();
      x += 18;
    }
    ctx.font = fonts.title;
    ctx.fillStyle = css(theme.ink);
    fillRich(ctx, panel.title, x, base, edge - x);
    x += measureRich(ctx, panel.title) + 12;
    if (row.inline && panel.subtitle) {
      ctx.font = fonts.small;
      ctx.fillStyle = css(theme.muted);
      fillRich(ctx, panel.subtitle, x, base, edge - x);
      x += measureRich(ctx, panel.subtitle);
    }
    x += 8;
  }
  if (box.beside && box.legend.length) { // at the right end of the plot, or after the title if there is no room
    const wide = lineWidth(box.legend[0]);
    const right = Math.max(plot.x + plot.w - wide, x);
    drawLegendLine(ctx, box.legend[0], panel.title ? Math.min(right, edge - wide) : x0, base, fonts, theme);
  }
  y += panel.title || !box.aside ? height : 0;
  if (panel.subtitle && !row.inline) {
    ctx.font = fonts.small;
    ctx.fillStyle = css(theme.muted);
    fillRich(ctx, panel.subtitle, x0, y + line * 0.7, edge - x0);
    if (box.aside) y += line;
  }
  if (box.beside) return;
  if (!box.aside) y += row.subtitle + row.legend - line * box.legend.length; // the last line is directly above the plot
  box.legend.forEach((items, i) => {
    const at = Math.max(box.x, Math.min(x0, edge - lineWidth(items)));
    drawLegendLine(ctx, items, at, y + line * (i + 0.72), fonts, theme);
  });
}
