// Patches: changes of the picture during a drag, and their removal.

// Bytes from the channel: a patch, or the message that the whole page was run.
async function takePatch(s, bytes) {
  const { drag } = s;
  const head = peek(bytes);
  if (head.base !== s.picture?.hash) return; // for another picture
  if (head.whole) {
    drag.waiting = 0;
    if (drag.live) pump(s);
    else unpatch(s); // the picture is unchanged: restore its parts
    return;
  }
  const patch = await readArrays(bytes, head);
  if (head.base !== s.picture?.hash || head.number <= drag.dropped) return;
  applyPatch(s, patch);
  s.root.dataset.answered = String(head.number);
  if (head.number === drag.number) drag.waiting = 0;
  repaint(s);
  requestAnimationFrame(() => pump(s)); // after this frame has been painted
}

function applyPatch(s, patch) {
  s.before ??= remember(s.picture);
  for (const part of patch.panels) {
    const panel = s.picture.panels[part.panel];
    for (const layer of part.layers ?? []) {
      const k = panel.layers.findIndex((one) => one.name === layer.name && one.kind === layer.kind);
      if (k < 0) continue;
      const old = panel.layers[k];
      // From now on drawn in every frame, so that the cached constant layers need not be drawn again.
      panel.layers[k] = Object.assign(layer, { frames: s.picture.frames, dash: old.dash, live: true });
      const planned = s.plan?.moving.find((entry) => entry[1] === old);
      if (planned) planned[1] = layer;
      else s.plan = null;
    }
    for (const name of part.hidden ?? []) {
      for (const layer of panel.layers) {
        if (layer.name !== name || layer.away) continue;
        layer.away = true;
        s.plan = null;
      }
    }
    if (part.annotations) panel.annotations = part.annotations;
  }
  if (patch.panels.some((part) => part.layers?.some(({ kind }) => kind === "handles"))) {
    holdHandle(s);
    placeHandles(s);
  }
  showReadouts(s, patch.readouts);
}

// The dragged handle stays at the pointer, whatever the patch says.
function holdHandle(s) {
  const { live } = s.drag;
  for (const one of allHandles(s)) {
    if (live?.moved && nameOf(one) === live.name) handlePlaces(one.layer).set(live.at, 2 * one.index);
  }
}

function showReadouts(s, readouts) {
  if (!readouts.length) return;
  s.picture.readouts = s.picture.readouts.map((one) => readouts.find(({ label }) => label === one.label) ?? one);
  buildReadouts(s.ui, s.picture);
  placeReadouts(s.ui);
  delete s.root.dataset.frame; // so that the readouts are written again
}

const remember = (picture) => ({
  readouts: picture.readouts,
  panels: picture.panels.map(({ layers, annotations }) => ({ layers: [...layers], annotations })),
});

// Restore the original picture.
function unpatch(s) {
  s.root.parentNode?.host?.toggleAttribute("data-dragged", false);
  const { before } = s;
  s.before = null;
  s.drag.stay = false;
  if (before) {
    s.picture.panels.forEach((panel, k) => Object.assign(panel, before.panels[k]));
    const changed = s.picture.readouts !== before.readouts;
    s.picture.readouts = before.readouts;
    if (changed) showReadouts(s, before.readouts);
    s.plan = null;
  }
  for (const layer of s.picture.panels.flatMap((panel) => panel.layers)) {
    layer.away = false;
    layer.moved = null;
  }
  placeHandles(s);
  repaint(s);
}
