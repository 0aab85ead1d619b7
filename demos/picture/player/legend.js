// Legends: items for the coloured parts of a panel, in lines above the plot, the most important first.

/** @returns {any[]} */
function legendItems(panel) {
  const items = [];
  for (const layer of panel.layers) {
    if (layer.labels && layer.label_names) {
      layer.label_names.forEach((text, label) => {
        if (text === panel.title) return; // the title has its own colour key
        // No item for a kind of cell that does not occur.
        const occurs = layer.kind !== "cells" || layer.labels.data.includes(label);
        if (occurs) items.push({ text, symbol: "dot", layer, label });
      });
    } else if (layer.values && layer.value_name !== undefined) {
      items.push({ text: layer.value_name || layer.name, symbol: "scale", map: "points", of: layer.values });
    } else if (layer.by_angle) {
      items.push({ text: layer.name, symbol: "scale", map: "cyclic", of: layer.angles });
    }
  }
  const plain = (layer) => layer.kind === "curve" || (layer.kind === "lines" && !layer.labels && !layer.values);
  const curves = panel.layers.filter((layer) => plain(layer) && layer.name.toLowerCase() !== "now"); // no name for the clock
  dashesOf(curves);
  if (curves.length > 1) {
    for (const layer of curves) items.push({ text: layer.name, symbol: "swatch", layer });
  }
  for (const layer of panel.layers) {
    if (layer.kind !== "field" || layer.opacity === 0) continue;
    items.push({ text: layer.name, symbol: "scale", map: layer.colors, of: layer });
  }
  return items;
}

const DASHES = [[6, 4], [2, 3], [10, 3, 2, 3]];

// Dashed lines of one colour in a panel have different dashes.
function dashesOf(curves) {
  curves.filter((layer) => layer.dashed).forEach((layer, i) => { layer.dash = DASHES[i % DASHES.length]; });
}

const BAR = [72, 24, 10]; // px: a colour scale, the shortest one with numbers at its ends, and the shortest one

// The width of an item, at most `widest`: where there is less room, a scale is shorter, then without numbers, and at
// last the words are squeezed.
function legendWidth(item, fonts, measure, widest) {
  const text = measure(item.text, fonts.small);
  let around = item.symbol === "dot" ? 14 : 26;
  if (item.symbol === "scale") {
    item.ends = item.of.ends ?? (item.map === "cyclic" ? ["0", "2π"] : formatEnds(item.of.low, item.of.high));
    let numbers = 12 + item.ends.reduce((sum, end) => sum + measure(end, fonts.small), 0);
    if (text + 8 + numbers + BAR[1] > widest) {
      item.ends = null;
      numbers = 0;
    }
    item.bar = clamp(widest - text - 8 - numbers, item.ends ? BAR[1] : BAR[2], BAR[0]);
    around = 8 + numbers + item.bar;
  }
  item.words = Math.min(text, Math.max(20, widest - around));
  return item.words + around;
}

// Legend items in lines of at most `width`; a single one may have the width `widest`.
function legendLines(panel, fonts, width, measure, most = 2, widest = width) {
  const lines = [];
  let used = Infinity;
  for (const item of legendItems(panel)) {
    item.width = legendWidth(item, fonts, measure, Math.max(width, widest));
    if (used + 18 + item.width > width) {
      lines.push([]);
      used = -18;
    }
    lines.at(-1).push(item);
    used += 18 + item.width;
  }
  return lines.slice(0, most);
}

const lineWidth = (line) => line.reduce((sum, item) => sum + item.width + 18, -18);

function drawLegendLine(ctx, items, x, base, fonts, theme) {
  const middle = base - fonts.size * 0.34;
  ctx.font = fonts.small;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  for (const item of items) {
    let at = x;
    const write = (text, color) => {
      ctx.fillStyle = css(color);
      const width = measureRich(ctx, text);
      const most = text === item.text && item.words < width ? item.words : Infinity;
      fillRich(ctx, text, at, base, most);
      at += Math.min(most, width);
    };
    if (item.symbol === "dot") {
      const empty = item.layer.kind === "cells" && item.layer.label_colors[item.label] === -1;
      ctx.beginPath();
      ctx.arc(at + 4.5, middle, empty ? 4 : 4.5, 0, 2 * Math.PI);
      ctx.fillStyle = ctx.strokeStyle = css(empty ? theme.muted : labelColor(item.layer, item.label, theme));
      ctx.lineWidth = 1;
      ctx[empty ? "stroke" : "fill"]();
      at += 14;
      write(item.text, theme.ink);
    } else if (item.symbol === "scale") {
      write(item.text, theme.ink);
      at += 8;
      if (item.ends) {
        write(item.ends[0], theme.muted);
        at += 6;
      }
      drawScale(ctx, theme[mapOf(item.map, item.of)], at, middle - 4, item.bar, 8, item.of.opacity ?? 1, theme);
      at += item.bar + 6;
      if (item.ends) write(item.ends[1], theme.muted);
    } else {
      drawSwatch(ctx, item.layer, at, middle, theme);
      at += 26;
      write(item.text, theme.ink);
    }
    x += item.width + 18;
  }
}

function drawScale(ctx, colors, x, y, width, height, opacity, theme) {
  const gradient = ctx.createLinearGradient(x, 0, x + width, 0);
  for (let i = 0; i <= 16; i++) gradient.addColorStop(i / 16, css(colors[Math.round((i / 16) * 255)], opacity));
  ctx.fillStyle = gradient;
  ctx.fillRect(x, y, width, height);
  ctx.strokeStyle = css(theme.faint);
  ctx.lineWidth = 1;
  ctx.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}

function drawSwatch(ctx, layer, x, y, theme) {
  const color = colorOf(layer.color, theme);
  ctx.save();
  ctx.strokeStyle = css(color);
  ctx.lineWidth = 2;
  if (layer.filled) {
    ctx.fillStyle = css(color, 0.25);
    ctx.fillRect(x, y - 5, 20, 10);
  }
  if (layer.dashed) ctx.setLineDash(layer.dash ?? DASHES[0]);
  if (layer.width !== 0) {
    ctx.beginPath();
    ctx.moveTo(x, layer.filled ? y - 5 : y);
    ctx.lineTo(x + 20, layer.filled ? y - 5 : y);
    ctx.stroke();
  }
  if (layer.dots) { // as in the plot, where a line may consist of dots only
    ctx.fillStyle = css(color);
    ctx.beginPath();
    for (const at of layer.width === 0 ? [10] : [3, 17]) ctx.arc(x + at, y, Math.min(4, layer.dots), 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}
