// Pointer input, depending on the panel under it: rotate, paint, pick a particle, drop a particle.

function listenToPointers(s) {
  const { canvas } = s.ui;
  const held = new Map(); // pointer → its last position
  let gesture = null; // { kind: "turn" | "stroke" | "click", box }
  let start = null;

  const startGesture = (box, at) => {
    if (box && s.brush.on && box.panel.brush) {
      startStroke(s, box, at);
      return { kind: "stroke", box };
    }
    if (box && spatial(box.panel)) return { kind: "turn", box, before: { ...s.camera } };
    return { kind: "click", box };
  };
  canvas.onpointerdown = (event) => {
    if (event.button > 0) return;
    const at = placeIn(s, event);
    if (event.isPrimary) held.clear(); // a first finger: the end of an earlier gesture was not reported
    held.set(event.pointerId, at);
    if (held.size > 1) { // a second finger: a pinch instead of a stroke
      if (gesture?.kind === "stroke") endStroke(s, false);
      if (gesture?.kind !== "turn") gesture = null;
      start = null;
      return;
    }
    start = at;
    gesture = startGesture(boxAt(s, at), at);
    canvas.setPointerCapture(event.pointerId); // receive the rest of the gesture
  };
  canvas.onpointermove = (event) => {
    const at = placeIn(s, event);
    // Without a button: a context menu took the end of the gesture.
    if (event.buttons === 0 && held.has(event.pointerId)) ended(false)(event);
    const before = held.get(event.pointerId);
    if (!before) {
      hover(s, at, event.pointerType);
      return;
    }
    if (gesture?.kind === "stroke") {
      for (const one of event.getCoalescedEvents?.() ?? []) extendStroke(s, placeIn(s, one));
      extendStroke(s, at);
      s.brush.at = at;
    } else if (gesture?.kind === "turn" && s.camera) { // null: a new picture came, without a third dimension
      if (held.size === 1) dragged(s, gesture.box, at[0] - before[0], at[1] - before[1]);
      else if (held.size === 2) pinched(s, [...held.values()], before, at);
    }
    held.set(event.pointerId, at);
    if (gesture?.kind === "stroke" || gesture?.kind === "turn") repaint(s);
  };
  const ended = (keep) => (event) => {
    held.delete(event.pointerId);
    if (held.size > 0) return;
    if (gesture?.kind === "stroke") endStroke(s, keep);
    if (!keep && gesture?.kind === "turn" && s.camera?.home === gesture.before.home) { // the browser took the gesture for scrolling
      Object.assign(s.camera, gesture.before);
      repaint(s);
    }
    if (!keep) start = null;
    gesture = null;
  };
  canvas.onpointerup = ended(true);
  canvas.onpointercancel = ended(false);
  canvas.onpointerleave = () => hover(s, null);
  canvas.onclick = (event) => {
    s.root.focus({ preventScroll: true });
    const at = placeIn(s, event);
    const still = start && Math.hypot(at[0] - start[0], at[1] - start[1]) < 5;
    if (still) clicked(s, at, event.pointerType);
  };
  canvas.ondblclick = (event) => {
    const box = boxAt(s, placeIn(s, event));
    if (!box || !spatial(box.panel)) return;
    s.camera = { ...newCamera(box.panel.view), spins: false };
    repaint(s);
  };
  // The wheel scrolls the page, except with Ctrl (a pinch on a trackpad) or in full screen.
  canvas.addEventListener("wheel", (event) => {
    const box = boxAt(s, placeIn(s, event));
    if (!box || !spatial(box.panel) || !(event.ctrlKey || isFull(s))) return;
    event.preventDefault();
    zoomCamera(s.camera, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)));
    repaint(s);
  }, { passive: false });
}

// The position of an event on the canvas, in CSS pixels.
function placeIn(s, event) {
  const frame = s.ui.canvas.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
}

/** @type {(s: any, place: number[]) => any} */
const boxAt = (s, [px, py]) => (s.figure?.boxes ?? []).find(({ plot }) =>
  px >= plot.x && py >= plot.y && px <= plot.x + plot.w && py <= plot.y + plot.h);

// A drag across the whole plot rotates by half a turn.
function dragged(s, { plot }, dx, dy) {
  const scale = Math.PI / Math.min(plot.w, plot.h);
  s.camera.spins = false;
  turnCamera(s.camera, dx * scale, dy * scale);
}

function pinched(s, places, before, at) {
  const other = places.find((place) => place !== before);
  const apart = (place) => Math.max(10, Math.hypot(place[0] - other[0], place[1] - other[1]));
  s.camera.spins = false;
  zoomCamera(s.camera, apart(at) / apart(before));
}

function clicked(s, at, pointer) {
  const box = boxAt(s, at);
  if (!box || (s.brush.on && box.panel.brush)) return;
  const [x, y] = box.inverse(...at);
  const place = { panel: box.panel.index, x, y };
  if (box.panel.pickable) {
    const near = nearestPoint(s, box, at, pointer);
    if (near || (s.pick && !box.panel.clickable)) {
      pick(s, near, place);
      return;
    }
  }
  if (!box.panel.clickable) return;
  s.drop = place;
  repaint(s);
  s.send("drop", place);
  unmarkAfterRun(s);
}

// The cursor shows what a press would do.
function hover(s, at, pointer = "mouse") {
  const box = at && boxAt(s, at);
  const paints = Boolean(box && s.brush.on && box.panel.brush);
  const cursor = !box ? "" : paints ? "brush" : spatial(box.panel) ? "turn"
    : box.panel.pickable && nearestPoint(s, box, at, pointer) ? "point" : box.panel.clickable ? "aim" : "";
  s.ui.canvas.dataset.cursor = cursor;
  const ring = paints ? at : null;
  if (ring || s.brush.at) repaint(s);
  s.brush.at = ring;
}
