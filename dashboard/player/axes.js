// What stands around the data: frame, ticks, titles, legends. Drawn once, until size, theme or picture change.

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
  const across = ticks(...panel.x, clamp(plot.w / (fonts.size * 6), 2, 9));
  const up = ticks(...panel.y, clamp(plot.h / (fonts.size * 4), 1.5, 7));
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
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const { value, text } of across) ctx.fillText(text, box.sx(value), plot.y + plot.h + 8);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const { value, text } of up) ctx.fillText(text, plot.x - 8, box.sy(value));
  drawAxisNames(ctx, box, fonts, theme, line);
}

function drawAxisNames(ctx, box, fonts, theme, line) {
  const { panel, plot } = box;
  const symbol = (text) => [...text].length <= 2; // a letter of mathematics: italic, and upright on its axis
  ctx.fillStyle = css(theme.muted);
  ctx.textAlign = "center";
  if (panel.x_label) {
    ctx.font = symbol(panel.x_label) ? fonts.symbol : fonts.label;
    ctx.textBaseline = "top";
    ctx.fillText(panel.x_label, plot.x + plot.w / 2, plot.y + plot.h + 6 + line, plot.w);
  }
  if (!panel.y_label) return;
  ctx.save();
  ctx.translate(plot.x - box.left + line * 0.45, plot.y + plot.h / 2);
  if (!symbol(panel.y_label)) ctx.rotate(-Math.PI / 2);
  ctx.font = symbol(panel.y_label) ? fonts.symbol : fonts.label;
  ctx.textBaseline = "middle";
  ctx.fillText(panel.y_label, 0, 0, plot.h);
  ctx.restore();
}

function drawHeader(ctx, box, fonts, theme, line) {
  const { panel, plot, row } = box;
  const bottom = plot.y - 8; // the header sits on the plot, also where the plot is lower than its row
  let y = bottom - row.legend - row.subtitle - row.title;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  let x = plot.x;
  const base = y + row.title * 0.78;
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
    ctx.fillText(panel.title, x, base, Math.max(plot.w, box.plotWidth) - (x - plot.x));
  }
  const edge = box.x + box.width; // a legend wider than its plot stays inside its box
  if (box.beside) { // at the plot's right end, or after the title of a plot that is narrower than both
    const wide = lineWidth(box.legend[0]);
    const after = x + ctx.measureText(panel.title).width + 18;
    const at = Math.min(Math.max(plot.x + plot.w - wide, after), edge - wide);
    drawLegendLine(ctx, box.legend[0], at, base, fonts, theme);
  }
  y += row.title;
  if (panel.subtitle) {
    ctx.font = fonts.small;
    ctx.fillStyle = css(theme.muted);
    ctx.fillText(panel.subtitle, plot.x, y + line * 0.7, Math.max(plot.w, box.plotWidth));
  }
  if (box.beside) return;
  box.legend.forEach((items, i) => {
    const x0 = Math.max(box.x, Math.min(plot.x, edge - lineWidth(items)));
    drawLegendLine(ctx, items, x0, bottom - line * (box.legend.length - 1 - i) - line * 0.28, fonts, theme);
  });
}
