// Panels in space: every layer hands in what it shows, and the farthest is painted first, whatever its layer.
//
// scene: { items, eye, theme, box, dpr }; an item is { z, paint(ctx, item, scene), … }, z towards the eye. Items that
// follow one another and have the same paintRun and key are painted at once: paintRun(ctx, items, scene).

const BEHIND = -1e9; // an item that everything else covers
const FOGS = 12; // steps of depth: what is far fades towards the paper

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

// 0 near … FOGS - 1 far.
function fogAt(eye, z) {
  return clamp(Math.floor((0.5 - z / (2 * eye.radius)) * FOGS), 0, FOGS - 1);
}

const fogged = (color, fog, theme) => blend(color, theme.paper, (fog / (FOGS - 1)) * (theme.dark ? 0.62 : 0.55));

// The ink at some strength, at every depth: made once for a theme.
function inkScale(layer, part, theme) {
  if (layer.inks?.key !== theme.key) layer.inks = { key: theme.key, scales: new Map() };
  const { scales } = layer.inks;
  if (!scales.has(part)) {
    const color = blend(theme.paper, theme.ink, part);
    scales.set(part, Array.from({ length: FOGS }, (_, fog) => css(fogged(color, fog, theme))));
  }
  return scales.get(part);
}

// A point of the camera's axes on the screen.
const viewX = (eye, x, z) => eye.x + x * eye.scale * nearness(eye, z);
const viewY = (eye, y, z) => eye.y - y * eye.scale * nearness(eye, z);
