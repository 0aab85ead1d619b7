// Cells layers: polygons on a sphere with arcs of great circles as sides. Each is cut at the visible outline of the
// sphere: the near part is drawn over the globe, the far part under it.

const BEND = 0.12; // radians: the longest straight piece of a side

function collectCells(layer, view, scene) {
  if (!view.on(layer.name)) return;
  const { eye, theme } = scene;
  const ball = horizon(layer, eye);
  for (const cell of cellsNow(layer, view.t)) {
    const { outline, label, middle } = cell;
    const seen = outline.map((u) => rotated(eye, u));
    const color = layer.labels ? (layer.label_colors[label] ?? label) : -1;
    const light = 0.5 + 0.5 * dot(rotated(eye, middle), [-0.42, 0.5, 0.757]); // light from the upper left
    for (const near of [false, true]) {
      const points = cut(seen, ball, near).map((u) => onScreen(eye, ball, u));
      if (points.length < 3) continue;
      const path = new Path2D();
      trace(path, points);
      path.closePath();
      scene.items.push({ z: near ? ball.z + 1e-7 * ball.radius : BEHIND, paint: paintCell, path, near, light,
        fill: color < 0 ? null : colorOf(color, theme) });
    }
  }
}

// The cells shown at a frame: those of the last frame, up to this one, at which any appear.
function cellsNow(layer, t) {
  const since = layer.since.data;
  const now = Math.round(t);
  let shown = -1;
  for (const frame of since) if (frame <= now) shown = frame;
  if (layer.now?.shown === shown) return layer.now.cells;
  const cells = [];
  since.forEach((frame, index) => { if (frame === shown) cells.push(cellOf(layer, index)); });
  layer.now = { shown, cells };
  return cells;
}

function cellOf(layer, index) {
  const starts = layer.starts.data;
  const end = starts[index + 1] ?? layer.corners.shape[0];
  const corners = [];
  for (let k = starts[index]; k < end; k++) corners.push(unit([...layer.corners.data.subarray(3 * k, 3 * k + 3)]));
  const outline = corners.flatMap((u, k) => {
    const v = corners[(k + 1) % corners.length];
    const pieces = Math.max(1, Math.ceil(Math.acos(clamp(dot(u, v), -1, 1)) / BEND));
    return Array.from({ length: pieces }, (_, i) => unit(u.map((c, axis) => mix(c, v[axis], i / pieces))));
  });
  const middle = unit(corners.reduce((sum, u) => sum.map((c, axis) => c + u[axis]), [0, 0, 0]));
  const label = layer.labels ? layer.labels.data[index] : 0;
  return { outline, middle, label };
}

function unit(v) {
  const size = Math.hypot(...v) || 1;
  return v.map((c) => c / size);
}

// The part of a closed outline in front of (or behind) the visible edge of the sphere, closed along this edge.
function cut(outline, ball, near) {
  const side = outline.map((u) => (dot(u, ball.w) - ball.edge) * (near ? 1 : -1));
  if (side.every((v) => v >= 0)) return outline;
  const out = [];
  const leaves = [];
  outline.forEach((u, k) => {
    const next = (k + 1) % outline.length;
    if (side[k] >= 0) out.push(u);
    if (side[k] >= 0 === side[next] >= 0) return;
    const part = side[k] / (side[k] - side[next]);
    if (side[k] >= 0) leaves.push(out.length); // where the outline crosses the edge; the next point is where it returns
    out.push(unit(u.map((c, axis) => mix(c, outline[next][axis], part))));
  });
  const angle = (u) => Math.atan2(dot(u, ball.up), dot(u, ball.across));
  for (const k of leaves.reverse()) {
    const from = angle(out[k]);
    const turn = angle(out[(k + 1) % out.length]) - from;
    const short = turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
    const pieces = Math.ceil(Math.abs(short) / BEND);
    const arc = (_, i) => edgePoint(ball, from + (short * (i + 1)) / pieces);
    out.splice(k + 1, 0, ...Array.from({ length: Math.max(0, pieces - 1) }, arc));
  }
  return out;
}

function paintCell(ctx, { path, near, light, fill }, { theme }) {
  const alpha = near ? 1 : 0.35;
  if (fill) {
    const shaded = fill.map((c) => c * (0.72 + 0.4 * light)).map((c) => Math.min(255, c));
    ctx.fillStyle = css(shaded, alpha * (theme.dark ? 0.62 : 0.68));
    ctx.fill(path);
  }
  ctx.lineWidth = near ? 1.2 : 0.8;
  ctx.strokeStyle = css(theme.ink, alpha * (theme.dark ? 0.34 : 0.42));
  ctx.stroke(path);
}
