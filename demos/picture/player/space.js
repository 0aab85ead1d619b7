// Three-dimensional panels: all layers add their items to one list, which is painted from the farthest to the nearest.
//
// scene: { items, eye, theme, box, dpr }; an item is { z, paint(ctx, item, scene), … }, z towards the eye. Consecutive
// items with the same paintRun and key are painted together: paintRun(ctx, items, scene).

const BEHIND = -1e9; // z of an item behind all others
const FOGS = 12; // levels of depth: far items fade towards the background

function drawSpace(s, ctx, box) {
  const view = viewOf(s, box);
  const scene = { items: [], eye: eyeOf(s.camera, box), theme: s.theme, box, dpr: s.dpr };
  for (const layer of box.panel.layers) DRAW[layer.kind].collect(layer, view, scene);
  scene.items.sort((a, b) => a.z - b.z);
  ctx.save();
  clip(ctx, box.plot);
  ctx.lineJoin = "round";
  ctx.imageSmoothingQuality = "low";
  paintInOrder(ctx, scene);
  ctx.restore();
}

function paintInOrder(ctx, scene) {
  const { items } = scene;
  for (let k = 0; k < items.length; k++) {
    const { paintRun, key } = items[k];
    if (!paintRun) {
      items[k].paint(ctx, items[k], scene);
      continue;
    }
    const first = k;
    while (items[k + 1]?.paintRun === paintRun && items[k + 1].key === key) k++;
    paintRun(ctx, items.slice(first, k + 1), scene);
  }
}

// The level of depth, from 0 (near) to FOGS - 1 (far).
function fogAt(eye, z) {
  return clamp(Math.floor((0.5 - z / (2 * eye.radius)) * FOGS), 0, FOGS - 1);
}

const fogged = (color, fog, theme) => blend(color, theme.paper, (fog / (FOGS - 1)) * (theme.dark ? 0.62 : 0.55));

// The text colour with some opacity at every level of depth, computed once for a theme.
function inkScale(layer, part, theme) {
  if (layer.inks?.key !== theme.key) layer.inks = { key: theme.key, scales: new Map() };
  const { scales } = layer.inks;
  if (!scales.has(part)) {
    const color = blend(theme.paper, theme.ink, part);
    scales.set(part, Array.from({ length: FOGS }, (_, fog) => css(fogged(color, fog, theme))));
  }
  return scales.get(part);
}

// The point on the screen of a point in the camera's axes.
const viewX = (eye, x, z) => eye.x + x * eye.scale * nearness(eye, z);
const viewY = (eye, y, z) => eye.y - y * eye.scale * nearness(eye, z);
