// Field layers: scalar fields as images, constant, or interpolated between their own frames.

function drawField(ctx, layer, view) {
  const { plot } = view.box;
  if (view.on(layer.name)) {
    const image = fieldImage(layer, view);
    const [height, width] = layer.values.shape.slice(-2);
    ctx.globalAlpha = layer.opacity;
    ctx.imageSmoothingEnabled = !layer.crisp;
    // "high" takes 20 ms a frame without a graphics card, and makes a visible difference for coarse grids only.
    ctx.imageSmoothingQuality = fieldMoves(layer) && width * height > 128 * 128 ? "low" : "high";
    // Values are at grid nodes: the centres of the outer pixels are on the frame.
    const edge = layer.crisp ? 0 : 0.5;
    ctx.drawImage(image, edge, edge, width - 2 * edge, height - 2 * edge, plot.x, plot.y, plot.w, plot.h);
    ctx.globalAlpha = 1;
  }
  if (layer.levels.length && view.on(`${layer.name}/contours`)) drawContours(ctx, layer, view);
}

const fieldMoves = (layer) => layer.values.shape.length === 3;

// The clock in terms of the field's own frames.
function fieldTime(layer, t) {
  const last = layer.values.shape[0] - 1;
  if (!layer.times) return (t / Math.max(1, layer.frames - 1)) * last;
  const at = layer.times.data;
  if (t <= at[0]) return 0;
  if (t >= at[last]) return last;
  let k = 0;
  while (at[k + 1] <= t) k++;
  return k + (t - at[k]) / (at[k + 1] - at[k]);
}

function fieldImage(layer, view) {
  const { shape } = layer.values;
  const [height, width] = shape.slice(-2);
  const cache = (layer.image ??= { canvas: new OffscreenCanvas(width, height), stamp: null });
  const at = fieldMoves(layer) ? fieldTime(layer, view.t) : 0;
  const stamp = `${view.theme.key}@${at}`;
  if (cache.stamp === stamp) return cache.canvas;
  cache.stamp = stamp;
  const ctx = (cache.ctx ??= cache.canvas.getContext("2d"));
  const image = (cache.pixels ??= ctx.createImageData(width, height));
  const size = width * height;
  const out = new Uint32Array(image.data.buffer);
  const shown = { out, width, height, colors: view.theme.pixels[mapOf(layer.colors, layer)],
    from: Math.floor(at) * size, to: Math.ceil(at) * size, part: at - Math.floor(at) };
  if (layer.colors === "cyclic") paintAngles(layer, shown);
  else if (fieldMoves(layer)) paintBytes(layer, shown);
  else paintNumbers(layer, shown);
  if (layer.strength) fade(layer.strength.data, shown);
  ctx.putImageData(image, 0, 0);
  return cache.canvas;
}

// The following functions loop over the rows of the grid from the lowest, which is the last row of the image.

function paintNumbers({ values, low, high }, { out, width, height, colors }) {
  const { data } = values;
  const scale = 255 / (high - low || 1);
  for (let row = 0, k = 0; row < height; row++) {
    for (let target = (height - 1 - row) * width, end = target + width; target < end; target++, k++) {
      const value = data[k];
      out[target] = Number.isFinite(value) ? colors[clamp(Math.round((value - low) * scale), 0, 255)] : 0;
    }
  }
}

function paintBytes({ values }, { out, width, height, colors, from, to, part }) {
  const { data } = values;
  const ahead = part * (255 / 254);
  const behind = (1 - part) * (255 / 254);
  for (let row = 0, k = 0; row < height; row++) {
    for (let target = (height - 1 - row) * width, end = target + width; target < end; target++, k++) {
      const a = data[from + k];
      const b = data[to + k];
      out[target] = a === MISSING_BYTE || b === MISSING_BYTE ? 0 : colors[(a * behind + b * ahead + 0.5) | 0];
    }
  }
}

// Angles are interpolated the shorter way; 255 steps are the full circle.
function paintAngles({ values }, { out, width, height, colors, from, to, part }) {
  const { data } = values;
  for (let row = 0, k = 0; row < height; row++) {
    for (let target = (height - 1 - row) * width, end = target + width; target < end; target++, k++) {
      const a = data[from + k];
      const b = data[to + k];
      let turn = b - a;
      if (turn > 127) turn -= 255;
      else if (turn < -127) turn += 255;
      const angle = a + turn * part;
      out[target] = a === MISSING_BYTE || b === MISSING_BYTE ? 0
        : colors[(angle < 0 ? angle + 255.5 : angle >= 255 ? angle - 254.5 : angle + 0.5) | 0];
    }
  }
}

function fade(strength, { out, width, height, from, to, part }) {
  for (let row = 0, k = 0; row < height; row++) {
    for (let target = (height - 1 - row) * width, end = target + width; target < end; target++, k++) {
      if (out[target] === 0) continue;
      const alpha = strength[from + k] * (1 - part) + strength[to + k] * part;
      out[target] = (out[target] & 0xffffff) | (((alpha + 0.5) | 0) << 24);
    }
  }
}

const mapOf = (colors, layer) => (colors === "sequential" && layer.subject ? "bright" : colors);

// Mark the fields of panels without points, lines, curves or arrows: they are the subject of their panel.
function findSubjects(picture) {
  const ground = new Set(["points", "lines", "curve", "arrows"]);
  for (const { layers } of picture.panels) {
    const subject = !layers.some(({ kind }) => ground.has(kind));
    for (const layer of layers) if (layer.kind === "field") layer.subject = subject;
  }
}
