// Curve layers: y(x), constant or moving; filled, stepped or dashed.

function drawCurve(ctx, layer, view) {
  if (!view.on(layer.name)) return;
  const { box, theme, t } = view;
  const x = layer.x.data;
  const n = layer.y.shape.at(-1);
  const moving = layer.y.shape.length === 2;
  const from = moving ? Math.floor(t) * n : 0;
  const to = moving ? Math.min(Math.ceil(t), layer.frames - 1) * n : 0;
  const part = moving ? t - Math.floor(t) : 0;
  const value = (i) => box.sy(mix(layer.y.data[from + i], layer.y.data[to + i], part));
  const path = new Path2D();
  let open = false; // a gap where y is not finite
  for (let i = 0; i < n; i++) {
    const y = value(i);
    if (!Number.isFinite(y)) {
      open = false;
      continue;
    }
    path[open ? "lineTo" : "moveTo"](box.sx(x[i]), y);
    if (layer.stepped) path.lineTo(box.sx(x[i + 1]), y);
    open = true;
  }
  const color = colorOf(layer.color, theme);
  if (layer.filled) {
    const area = new Path2D(path);
    const ground = box.sy(clamp(0, ...box.panel.y));
    area.lineTo(box.sx(x[layer.stepped ? n : n - 1]), ground);
    area.lineTo(box.sx(x[0]), ground);
    ctx.fillStyle = css(color, theme.dark ? 0.3 : 0.22);
    ctx.fill(area);
  }
  ctx.setLineDash(layer.dashed ? layer.dash ?? DASHES[0] : []);
  ctx.strokeStyle = css(color);
  ctx.lineWidth = layer.stepped && layer.filled ? 1.3 : 2;
  ctx.lineJoin = "round";
  ctx.stroke(path);
  ctx.setLineDash([]);
}

