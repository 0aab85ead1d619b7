// Spheres layers: spheres and bonds. A sphere is a small image, shaded once for each colour and depth, then copied.

const SHADES = 5; // bits dropped from a byte value: neighbouring values share an image

function collectSpheres(layer, view, scene) {
  const balls = view.on(layer.name);
  const bonds = view.on(`${layer.name}/bonds`);
  if (!balls && !bonds) return;
  const { eye } = scene;
  const count = layer.positions.shape[1];
  const at = spherePlaces(layer, view, eye);
  const radii = layer.radius.data;
  if (bonds && (layer.bonds || layer.bond_length)) collectBonds(layer, at, balls ? radii : null, scene);
  if (!balls) return;
  const colors = colorsOf(layer, count, view, colorOf(layer.color, scene.theme));
  const largest = (layer.largest ??= radii.reduce((a, b) => Math.max(a, b), 0));
  const images = spriteSheet(layer, largest * eye.scale * scene.dpr * 1.1, scene.theme);
  for (let i = 0; i < count; i++) {
    const z = at[3 * i + 2];
    if (Number.isNaN(z)) continue;
    let color = colors.index === null ? 0 : colors.index[i];
    if (!colors.table[color]) continue;
    if (layer.values && !layer.labels) color = (color >> (8 - SHADES)) << (8 - SHADES);
    const size = radii[i] * eye.scale * nearness(eye, z);
    const image = ballImage(images, color, fogAt(eye, z), colors.table, scene.theme);
    const half = size * images.spread;
    const [x, y] = [viewX(eye, at[3 * i], z), viewY(eye, at[3 * i + 1], z)];
    scene.items.push({ z, paint: paintBall, image, half, x, y });
  }
}

// The current positions in the camera's axes; NaN for missing ones.
function spherePlaces(layer, view, eye) {
  const { data, shape, low, high } = layer.positions;
  const count = shape[1];
  const now = Math.floor(view.t);
  const from = now * 3 * count;
  const to = Math.ceil(view.t) * 3 * count;
  const part = view.t - now;
  const unit = low.map((v, axis) => (high[axis] - v) / 65534);
  const out = (layer.places ??= new Float32Array(3 * count));
  for (let k = 0; k < 3 * count; k += 3) {
    if (data[from + k] === MISSING || data[to + k] === MISSING) {
      out[k] = out[k + 1] = out[k + 2] = NaN;
      continue;
    }
    const place = (axis) => low[axis] + (mix(data[from + k + axis], data[to + k + axis], part) + 32767) * unit[axis];
    turned(eye, place(0), place(1), place(2), out, k);
  }
  return out;
}

function collectBonds(layer, at, radii, scene) {
  if (layer.bonds) {
    const { data } = layer.bonds;
    for (let k = 0; k < data.length; k += 2) addBond(layer, at, data[k], data[k + 1], 1, radii, scene);
    return;
  }
  const most = layer.bond_length;
  const count = at.length / 3;
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [at[3 * i], at[3 * i + 1], at[3 * i + 2]];
    for (let j = i + 1; j < count; j++) {
      const dz = at[3 * j + 2] - z;
      if (dz > most || dz < -most) continue;
      const dx = at[3 * j] - x;
      const dy = at[3 * j + 1] - y;
      const square = dx * dx + dy * dy + dz * dz;
      if (!(square < most * most)) continue;
      // The width of a bond changes continuously when it appears or disappears.
      addBond(layer, at, i, j, clamp((most - Math.sqrt(square)) / (0.06 * most), 0, 1), radii, scene);
    }
  }
}

// The bond from the surface of one sphere to that of the other.
function addBond(layer, at, i, j, strength, radii, scene) {
  const { eye } = scene;
  const [a, b] = [3 * i, 3 * j];
  const [dx, dy, dz] = [at[b] - at[a], at[b + 1] - at[a + 1], at[b + 2] - at[a + 2]];
  const length = Math.hypot(dx, dy, dz);
  const [start, end] = radii ? [(0.9 * radii[i]) / length, 1 - (0.9 * radii[j]) / length] : [0, 1];
  if (!(start < end)) return; // they overlap, or one is missing
  const z = at[a + 2] + dz / 2;
  const [z1, z2] = [at[a + 2] + dz * start, at[a + 2] + dz * end];
  const fog = fogAt(eye, z);
  // Bonds of one depth have the same width and are drawn as one path.
  const full = Math.max(0.75, layer.bond_width * eye.scale * nearness(eye, (1 - (2 * fog + 1) / FOGS) * eye.radius));
  scene.items.push({
    z, paintRun: paintBonds, key: strength === 1 ? fog : -i - 1, layer, fog, width: full * strength,
    x: viewX(eye, at[a] + dx * start, z1), y: viewY(eye, at[a + 1] + dy * start, z1),
    x2: viewX(eye, at[a] + dx * end, z2), y2: viewY(eye, at[a + 1] + dy * end, z2),
  });
}

// Bonds as rods: a dark line, and a light one along its middle.
function paintBonds(ctx, bonds, { theme }) {
  const [{ layer, fog, width }] = bonds;
  ctx.beginPath();
  for (const { x, y, x2, y2 } of bonds) {
    ctx.moveTo(x, y);
    ctx.lineTo(x2, y2);
  }
  ctx.lineCap = "butt";
  ctx.lineWidth = width;
  ctx.strokeStyle = inkScale(layer, theme.dark ? 0.38 : 0.55, theme)[fog];
  ctx.stroke();
  if (width < 6) return;
  ctx.lineWidth = width * 0.5;
  ctx.strokeStyle = inkScale(layer, theme.dark ? 0.6 : 0.34, theme)[fog];
  ctx.stroke();
}

function paintBall(ctx, { image, half, x, y }) {
  ctx.drawImage(image, x - half, y - half, 2 * half, 2 * half);
}

// The images of a layer's spheres at one size in device pixels; they are reused after small changes of size.
function spriteSheet(layer, pixels, theme) {
  const size = Math.min(200, Math.ceil(1.2 ** Math.ceil(Math.log(Math.max(3, pixels)) / Math.log(1.2))));
  const key = `${size}|${theme.key}`;
  if (layer.sprites?.key !== key) layer.sprites = { key, size, spread: (size + 2) / size, images: new Map() };
  return layer.sprites;
}

function ballImage(sheet, color, fog, table, theme) {
  const key = color * FOGS + fog;
  let image = sheet.images.get(key);
  if (!image) sheet.images.set(key, (image = shadedBall(sheet.size, table[color], fog, theme)));
  return image;
}

// Lit from the upper left, with a soft rim, so that overlapping spheres are distinguishable.
function shadedBall(r, color, fog, theme) {
  const image = new OffscreenCanvas(2 * r + 4, 2 * r + 4);
  const ctx = image.getContext("2d");
  ctx.translate(r + 2, r + 2);
  const tone = (other, part) => css(fogged(blend(color, other, part), fog, theme));
  const [white, black] = [[255, 255, 255], [16, 14, 12]];
  const light = ctx.createRadialGradient(-0.34 * r, -0.38 * r, 0.02 * r, -0.12 * r, -0.14 * r, 1.12 * r);
  light.addColorStop(0, tone(white, 0.72));
  light.addColorStop(0.18, tone(white, 0.34));
  light.addColorStop(0.5, tone(white, 0.02));
  light.addColorStop(0.82, tone(black, 0.22));
  light.addColorStop(1, tone(black, 0.46));
  ctx.beginPath();
  ctx.arc(0, 0, r - 0.5, 0, 2 * Math.PI);
  ctx.fillStyle = light;
  ctx.fill();
  ctx.lineWidth = Math.max(1, r * 0.045);
  ctx.strokeStyle = css(fogged(blend(color, theme.dark ? theme.paper : black, theme.dark ? 0.75 : 0.55), fog, theme));
  ctx.stroke();
  return image;
}
