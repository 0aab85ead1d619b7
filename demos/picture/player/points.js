// Points layers. Discs are copied into a pixel buffer: in software rendering with 20,000 points this reaches
// 60 frames/s with smooth translucent discs; drawImage reaches 13, and fillRect (squares) 58.

const STEPS = 4; // discs at quarter-pixel positions, so that slow motion is smooth

// Coverage of a disc of radius r (device pixels) centred at each quarter of the middle pixel.
function makeStamps(r, alpha) {
  const half = Math.ceil(r + 0.5);
  const size = 2 * half + 1;
  const stamps = [];
  for (let sy = 0; sy < STEPS; sy++) {
    for (let sx = 0; sx < STEPS; sx++) {
      const [cx, cy] = [half + (sx + 0.5) / STEPS - 0.5, half + (sy + 0.5) / STEPS - 0.5];
      stamps.push(Float32Array.from({ length: size * size }, (_, k) =>
        alpha * clamp(r + 0.5 - Math.hypot((k % size) - cx, Math.floor(k / size) - cy), 0, 1)));
    }
  }
  return { half, size, stamps };
}

function drawPoints(ctx, layer, view) {
  const { box, t, dpr } = view;
  const count = layer.positions.shape[1];
  const { data, low, high } = layer.positions;
  const from = data.subarray(Math.floor(t) * count * 2);
  const to = data.subarray(Math.min(Math.ceil(t), layer.frames - 1) * count * 2);
  // int16 → CSS pixels: an affine map
  const kx = ((high[0] - low[0]) / 65534) * box.kx;
  const ky = -((high[1] - low[1]) / 65534) * box.ky;
  const map = { kx, ky, ox: box.sx(low[0]) + 32767 * kx, oy: box.sy(low[1]) + 32767 * ky };
  const colors = colorsOf(layer, count, view, view.theme.accent);
  // Larger in larger plots, smaller for many particles.
  const radius = layer.radius * clamp(box.plot.w / 600, 0.75, 1.8) * Math.min(1, (5000 / count) ** 0.25);
  if (layer.trail && view.on(`${layer.name}/trails`)) drawTrails(ctx, layer, view, map, colors, radius);
  if (!view.on(layer.name)) return;
  // Limited, because many large discs would take longer than a frame.
  const r = Math.min(radius * dpr, Math.max(0.8, Math.sqrt(2.5e6 / count) / 2 - 1));
  const alpha = clamp(1.25 - 0.21 * Math.log10(count), 0.3, 0.9);
  splat(ctx, from, to, t - Math.floor(t), count, map, colors, r, alpha, view);
}

const scratch = { canvas: null, ctx: null, image: null, pixels: null, stamps: null, key: "" };

function splat(ctx, from, to, part, count, map, colors, r, alpha, view) {
  const { plot } = view.box;
  const { dpr } = view;
  const key = `${r}|${alpha}`;
  if (scratch.key !== key) Object.assign(scratch, { key, stamps: makeStamps(r, alpha) });
  const { half, size, stamps } = scratch.stamps;
  const pad = size; // margin: discs at the edge are clipped by the final copy, not in the loop
  const [left, top] = [Math.floor(plot.x * dpr), Math.floor(plot.y * dpr)];
  const [wide, tall] = [Math.ceil(plot.w * dpr), Math.ceil(plot.h * dpr)];
  const [width, height] = [wide + 2 * pad, tall + 2 * pad];
  if (scratch.image?.width !== width || scratch.image?.height !== height) {
    scratch.canvas = new OffscreenCanvas(width, height);
    scratch.ctx = scratch.canvas.getContext("2d", { willReadFrequently: true }); // kept in main memory
    scratch.image = scratch.ctx.createImageData(width, height);
    scratch.pixels = new Uint32Array(scratch.image.data.buffer);
  }
  const { pixels } = scratch;
  pixels.fill(0);
  const { table, index } = colors;
  const [kx, ky] = [map.kx * dpr, map.ky * dpr];
  const [ox, oy] = [map.ox * dpr - left + pad, map.oy * dpr - top + pad];
  const rest = 1 - part;
  let [red, green, blue] = table[0];
  for (let i = 0; i < count; i++) {
    const ax = from[2 * i];
    const bx = to[2 * i];
    if (ax === MISSING || bx === MISSING) continue;
    const x = ox + kx * (ax * rest + bx * part);
    const y = oy + ky * (from[2 * i + 1] * rest + to[2 * i + 1] * part);
    const px = Math.floor(x);
    const py = Math.floor(y);
    if (px < half || py < half || px >= width - half || py >= height - half) continue;
    if (index !== null) {
      const color = table[index[i]];
      if (!color) continue;
      red = color[0];
      green = color[1];
      blue = color[2];
    }
    const stamp = stamps[((y - py) * STEPS | 0) * STEPS + ((x - px) * STEPS | 0)];
    let k = 0;
    for (let row = py - half; row <= py + half; row++) {
      let target = row * width + px - half;
      for (let col = 0; col < size; col++, target++, k++) {
        const cover = stamp[k];
        if (cover === 0) continue;
        const old = pixels[target];
        if (old === 0) {
          pixels[target] = ((cover * 255 + 0.5) << 24) | (blue << 16) | (green << 8) | red;
          continue;
        }
        const before = (old >>> 24) / 255;
        const after = cover + before * (1 - cover);
        const w = cover / after;
        const or = old & 255;
        const og = (old >> 8) & 255;
        const ob = (old >> 16) & 255;
        pixels[target] = ((after * 255 + 0.5) << 24) | ((ob + (blue - ob) * w) << 16) |
          ((og + (green - og) * w) << 8) | (or + (red - or) * w);
      }
    }
  }
  scratch.ctx.putImageData(scratch.image, 0, 0);
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(scratch.canvas, pad, pad, wide, tall, left, top, wide, tall);
  ctx.restore();
}

// Trails: the last frames of the first particles, fading. Parts of similar age are drawn as one path.
function drawTrails(ctx, layer, view, map, colors, radius) {
  const { t } = view;
  const { data, shape } = layer.positions;
  const count = shape[1];
  const many = Math.min(layer.trails, count);
  const now = Math.floor(t);
  const groups = Math.min(layer.trail, 8);
  const paths = new Map(); // colour and age → Path2D
  const heads = new Map();
  const pathFor = (table, key) => table.get(key) ?? table.set(key, new Path2D()).get(key);
  const place = (frame, i) => {
    const k = 2 * (frame * count + i);
    return data[k] === MISSING ? null : [map.ox + map.kx * data[k], map.oy + map.ky * data[k + 1]];
  };
  for (let i = 0; i < many; i++) {
    const color = colors.index === null ? 0 : colors.index[i];
    if (!colors.table[color]) continue;
    let last = null;
    for (let frame = Math.max(0, now - layer.trail); frame <= now + 1; frame++) {
      let here = frame > layer.frames - 1 ? null : place(frame, i);
      if (frame === now + 1) {
        if (t === now) break;
        here = here && last && [mix(last[0], here[0], t - now), mix(last[1], here[1], t - now)];
      }
      if (here && last) {
        const age = Math.min(groups - 1, Math.floor(((t - frame + 1) / (layer.trail + 1)) * groups));
        const path = pathFor(paths, color * 16 + Math.max(0, age));
        path.moveTo(last[0], last[1]);
        path.lineTo(here[0], here[1]);
      }
      last = here ?? (frame === now + 1 ? last : null);
    }
    if (last) {
      const head = pathFor(heads, color);
      head.moveTo(last[0] + radius * 1.25, last[1]);
      head.arc(last[0], last[1], radius * 1.25, 0, 2 * Math.PI);
    }
  }
  const whole = layer.trail >= layer.frames - 1; // a path from its start, which stays visible
  ctx.lineWidth = whole ? 1.75 : 1.25;
  ctx.lineCap = "round";
  for (const [key, path] of paths) {
    ctx.strokeStyle = css(colors.table[key >> 4], 0.75 * Math.max(whole ? 0.6 : 0, 1 - (key & 15) / groups));
    ctx.stroke(path);
  }
  for (const [color, path] of heads) {
    ctx.fillStyle = css(colors.table[color]);
    ctx.fill(path);
  }
}
