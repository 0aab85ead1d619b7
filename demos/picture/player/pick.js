// Picking a particle by a click: its whole path is shown, in every panel with the same cloud.

// The particle under the pointer: { layer, index }, or null.
/** @param {number[]} pointed */
function nearestPoint(s, box, pointed, pointer) {
  const [px, py] = pointed;
  const reach = pointer === "touch" ? 22 : 12; // CSS pixels
  let best = null;
  let least = reach * reach;
  for (const layer of box.panel.layers) {
    if (layer.kind !== "points" || !(s.switches.get(layer.name)?.on ?? true)) continue;
    const place = placeOfPoint(layer, box);
    for (let i = 0; i < layer.positions.shape[1]; i++) {
      const at = place(s.t, i);
      const square = at ? (at[0] - px) ** 2 + (at[1] - py) ** 2 : Infinity;
      if (square < least) [least, best] = [square, { layer: layer.name, index: i }];
    }
  }
  return best;
}

// A function (t, i) → the position of particle i on the screen, or null.
function placeOfPoint(layer, box) {
  const { data, shape, low, high } = layer.positions;
  const kx = (high[0] - low[0]) / 65534;
  const ky = (high[1] - low[1]) / 65534;
  return (t, i) => {
    const now = Math.floor(t);
    const a = 2 * (now * shape[1] + i);
    const b = 2 * (Math.ceil(t) * shape[1] + i);
    if (data[a] === MISSING || data[b] === MISSING) return null;
    return [box.sx(low[0] + (mix(data[a], data[b], t - now) + 32767) * kx),
      box.sy(low[1] + (mix(data[a + 1], data[b + 1], t - now) + 32767) * ky)];
  };
}

// A second click on the same particle, or a click beside all particles, ends the selection.
function pick(s, found, place) {
  const same = found && s.pick && found.layer === s.pick.layer && found.index === s.pick.index;
  s.pick = same ? null : found;
  s.root.dataset.pick = s.pick ? String(s.pick.index) : "";
  repaint(s);
  s.send("pick", { ...place, index: s.pick ? s.pick.index : -1, layer: s.pick ? s.pick.layer : "" });
}

// Draw the path so far as a line, the rest dotted, its start, and a ring around the current position.
function drawPick(s) {
  const { ctx, dpr } = s;
  for (const box of s.figure.boxes) {
    const same = (layer) => layer.kind === "points" && layer.name === s.pick.layer;
    const layer = box.panel.pickable && box.panel.layers.find(same);
    if (!layer || s.pick.index >= layer.positions.shape[1]) continue;
    ctx.save();
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    clip(ctx, box.plot);
    drawPath(ctx, s, placeOfPoint(layer, box), layer.frames);
    ctx.restore();
  }
}

function drawPath(ctx, { t, theme, pick: { index } }, place, frames) {
  const path = (times) => {
    const line = new Path2D();
    let open = false;
    for (const time of times) {
      const at = place(time, index);
      if (at && open) line.lineTo(at[0], at[1]);
      else if (at) line.moveTo(at[0], at[1]);
      open = at !== null;
    }
    return line;
  };
  const all = Array.from({ length: frames }, (_, frame) => frame);
  const [past, rest] = [path([...all.filter((frame) => frame < t), t]), path([t, ...all.filter((frame) => frame > t)])];
  ctx.lineCap = ctx.lineJoin = "round";
  const stroke = (line, color, alpha, width, dash) => {
    ctx.setLineDash(dash);
    ctx.strokeStyle = css(color, alpha);
    ctx.lineWidth = width;
    ctx.stroke(line);
  };
  stroke(rest, theme.paper, 0.6, 3.5, []);
  stroke(rest, theme.ink, 0.7, 1.4, [1, 4]);
  stroke(past, theme.paper, 0.85, 5, []);
  stroke(past, theme.ink, 1, 2, []);
  ctx.setLineDash([]);
  const [first, now] = [place(0, index), place(t, index)];
  for (const [at, radius] of [[first, 3], [now, 7]]) {
    if (!at) continue;
    ctx.beginPath();
    ctx.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    ctx.lineWidth = 5;
    ctx.strokeStyle = css(theme.paper, 0.9);
    ctx.stroke();
    ctx.lineWidth = 2;
    ctx.strokeStyle = css(theme.ink);
    ctx.stroke();
  }
}
