// Surface layers: a surface of revolution as shaded patches, the far ones first, with lines on it and a wire at each end.
//
// Patches have fixed angles relative to the camera, so that their borders are on the outline of the body; each is
// filled with a gradient around the axis. The lines have fixed angles on the body, and show its rotation.

const PATCHES = 12; // number of patches around the axis
const PIECES = 4; // pieces of a patch around the axis
const AROUND = PATCHES * PIECES;
const BANDS = 32; // the most bands along the profile
const MERIDIANS = 12;
const TONES = 64;
const LAMP = [-0.42, 0.5, 0.757]; // direction of the light in the camera's axes: from the upper left, in front

function collectSurface(layer, view, scene) {
  if (!view.on(layer.name)) return;
  const { eye, theme } = scene;
  const profile = profileNow(layer, view.t);
  const first = Math.atan2(-eye.turn[0], eye.turn[1]);
  const body = { layer, profile, eye, first, tones: surfaceTones(layer, theme), meridians: meridiansFrom(first) };
  const rows = profile.map((node) => ringAt(body, node));
  const every = Math.max(1, Math.round((rows.length - 1) / 8));
  for (let row = 0; row + 1 < rows.length; row++) {
    const normal = normalOf(profile, row);
    const wide = Math.max(profile[row].r, profile[row + 1].r) > 1e-3 * eye.radius; // false if the band has shrunk to the axis
    if (!normal || !wide) continue;
    const tones = tonesAround(body, rows[row], normal);
    const wires = layer.rings ? [row === 0, row + 2 === rows.length] : [false, false];
    const across = row > 0 && row % every === 0;
    const band = { lower: rows[row].xy, upper: rows[row + 1].xy, tones, across, wires, body };
    for (let patch = 0; patch < PATCHES; patch++) addPatch(scene, band, rows[row].at, rows[row + 1].at, patch);
  }
}

// The angles of the meridians in pieces, relative to the camera, by patch.
function meridiansFrom(first) {
  const byPatch = Array.from({ length: PATCHES }, () => []);
  for (let m = 0; m < MERIDIANS; m++) {
    const turns = m / MERIDIANS - first / (2 * Math.PI);
    const at = (turns - Math.floor(turns)) * AROUND;
    byPatch[Math.floor(at / PIECES) % PATCHES].push(at);
  }
  return byPatch;
}

// The current nodes of the profile, at most BANDS + 1: [{ z, r }].
function profileNow(layer, t) {
  const read = ({ data, shape }, i) => {
    const count = shape.at(-1);
    if (shape.length === 1) return data[i];
    const now = Math.floor(t);
    return mix(data[now * count + i], data[Math.ceil(t) * count + i], t - now);
  };
  const count = layer.radii.shape.at(-1);
  const many = Math.min(count, BANDS + 1);
  return Array.from({ length: many }, (_, k) => {
    const i = Math.round((k / (many - 1)) * (count - 1));
    return { z: read(layer.heights, i), r: read(layer.radii, i) };
  });
}

// The points of a circle around the axis, in the camera's axes and on the screen.
function ringAt({ layer, eye, first }, { z, r }) {
  const at = new Float32Array(3 * AROUND);
  const xy = new Float32Array(2 * AROUND);
  const [cx, cy, cz] = layer.center;
  for (let k = 0; k < AROUND; k++) {
    const angle = first + (2 * Math.PI * k) / AROUND;
    turned(eye, cx + r * Math.cos(angle), cy + r * Math.sin(angle), cz + z, at, 3 * k);
    xy[2 * k] = viewX(eye, at[3 * k], at[3 * k + 2]);
    xy[2 * k + 1] = viewY(eye, at[3 * k + 1], at[3 * k + 2]);
  }
  return { at, xy };
}

// The outward normal of the band above a row: [along r, along z]; null if the band has no width.
function normalOf(profile, row) {
  const [dz, dr] = [profile[row + 1].z - profile[row].z, profile[row + 1].r - profile[row].r];
  const size = Math.hypot(dz, dr) * Math.sign(profile.at(-1).z - profile[0].z || 1);
  return Math.abs(size) > 1e-9 ? [dz / size, -dr / size] : null; // null also at a gap
}

// The colour of a band at every angle.
/** @param {any} body @param {any} row @param {number[]} normal */
function tonesAround({ eye, tones, first }, { at }, normal) {
  const [nr, nz] = normal;
  return Array.from({ length: AROUND }, (_, k) => {
    const angle = first + (2 * Math.PI * k) / AROUND;
    const normal = rotated(eye, [nr * Math.cos(angle), nr * Math.sin(angle), nz]);
    const facing = dot(normal, [-at[3 * k], -at[3 * k + 1], eye.distance - at[3 * k + 2]]) > 0;
    const light = 0.5 + 0.5 * dot(normal, LAMP) * (facing ? 1 : -1);
    return (facing ? tones.outside : tones.inside)[clamp(Math.round(light * (TONES - 1)), 0, TONES - 1)];
  });
}

function addPatch(scene, band, lower, upper, patch) {
  const ks = Array.from({ length: PIECES + 1 }, (_, k) => (patch * PIECES + k) % AROUND);
  let z = 0;
  for (const k of ks) z += (lower[3 * k + 2] + upper[3 * k + 2]) / (2 * ks.length);
  if (!Number.isNaN(z)) scene.items.push({ z, paint: paintPatch, band, ks, meridians: band.body.meridians[patch] });
}

function paintPatch(ctx, item, scene) {
  const { band: { lower, upper, tones }, ks } = item;
  const middle = (k) => [(lower[2 * k] + upper[2 * k]) / 2, (lower[2 * k + 1] + upper[2 * k + 1]) / 2];
  const [from, to] = [middle(ks[0]), middle(ks.at(-1))];
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const square = dx * dx + dy * dy;
  let fill = tones[ks[2]];
  if (square > 1) {
    fill = ctx.createLinearGradient(...from, ...to);
    for (const k of ks) {
      const [x, y] = middle(k);
      fill.addColorStop(clamp(((x - from[0]) * dx + (y - from[1]) * dy) / square, 0, 1), tones[k]);
    }
  }
  // Slightly enlarged, so that no seam is visible between neighbours.
  const reach = 0.6 / Math.sqrt(square || 1);
  const edge = (own, other, k, end) => {
    const [vx, vy] = [own[2 * k] - other[2 * k], own[2 * k + 1] - other[2 * k + 1]];
    const grow = 0.6 / (Math.hypot(vx, vy) + 1e-6);
    ctx.lineTo(own[2 * k] + vx * grow + end * dx * reach, own[2 * k + 1] + vy * grow + end * dy * reach);
  };
  ctx.beginPath();
  ks.forEach((k, i) => edge(lower, upper, k, i === 0 ? -1 : i === PIECES ? 1 : 0));
  ks.toReversed().forEach((k, i) => edge(upper, lower, k, i === 0 ? 1 : i === PIECES ? -1 : 0));
  ctx.fillStyle = fill;
  ctx.fill();
  drawOnPatch(ctx, item, scene);
}

// The lines on the body, and the wires at its ends.
function drawOnPatch(ctx, { z, band, ks, meridians }, { eye, theme }) {
  const { lower, upper, across, wires, body } = band;
  const along = (row) => {
    ctx.beginPath();
    for (const k of ks) ctx.lineTo(row[2 * k], row[2 * k + 1]);
    ctx.stroke();
  };
  ctx.lineCap = "butt";
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = body.tones.line;
  if (across) along(lower);
  for (const at of meridians) {
    const [a, b, part] = [Math.floor(at) % AROUND, (Math.floor(at) + 1) % AROUND, at % 1];
    ctx.beginPath();
    for (const xy of [lower, upper]) {
      ctx.lineTo(mix(xy[2 * a], xy[2 * b], part), mix(xy[2 * a + 1], xy[2 * b + 1], part));
    }
    ctx.stroke();
  }
  if (!wires[0] && !wires[1]) return;
  ctx.lineCap = "round";
  ctx.lineWidth = 0.02 * eye.radius * eye.scale * nearness(eye, z);
  ctx.strokeStyle = inkScale(body.layer, 0.75, theme)[fogAt(eye, z)];
  if (wires[0]) along(lower);
  if (wires[1]) along(upper);
}

// Colours from dark to light, for the outside and the inside.
function surfaceTones(layer, theme) {
  if (layer.tones?.key === theme.key) return layer.tones;
  const color = colorOf(layer.color, theme);
  const scale = (base) => Array.from({ length: TONES }, (_, k) => {
    const light = k / (TONES - 1);
    const lit = light < 0.62 ? blend(base, [16, 14, 12], 0.6 * (1 - light / 0.62))
      : blend(base, [255, 255, 255], 0.6 * ((light - 0.62) / 0.38) ** 1.6);
    return css(lit);
  });
  const [outside, inside] = [scale(blend(color, theme.paper, 0.25)), scale(blend(color, theme.paper, 0.55))];
  layer.tones = { key: theme.key, outside, inside, line: css(theme.ink, 0.22) };
  return layer.tones;
}
