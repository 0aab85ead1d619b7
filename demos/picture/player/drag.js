// Dragging a handle, by pointer or keys, and the events that report it.
//
// During a gesture at most one event is pending: the next is sent when the answer, a patch of the picture, has been
// painted. Both use the channel (channel.js), without a run of the page. At its end the gesture is reported to the page.

const SAYS = "gradient-flow-lab-drag"; // events on the document, to the channel …
const ANSWERS = "gradient-flow-lab-patch"; // … and from it
const APART = 30; // ms: the least time between two events
const TOO_LONG = 1000; // ms: the longest wait for an answer
const HOLDS_STILL = 160; // ms without a move after which the pointer counts as resting
const MOMENT = 10; // ms: Streamlit collects messages for at most 4 ms
const KEYS_REST = 500; // ms after the last key at which a gesture by keys ends

const newDrag = () => ({ live: null, number: 0, dropped: 0, waiting: 0, last: -Infinity, timer: 0, end: 0, stay: false });

function listenToHandles(s) {
  const { handles } = s.ui;
  handles.onpointerdown = (event) => {
    if (event.button > 0 || s.drag.live) return;
    event.preventDefault();
    const at = placeIn(s, event);
    const far = (one) => Math.hypot(...pixelOf(one).map((v, axis) => v - at[axis]));
    const one = Array.from(s.grips.values()).reduce((best, other) => (far(other) < far(best) ? other : best));
    const button = buttonOf(s, nameOf(one));
    focusHandle(s, button);
    button.setPointerCapture(event.pointerId);
    startDrag(s, one, { pointer: event.pointerId, off: pixelOf(one).map((v, axis) => v - at[axis]) });
  };
  const mine = (event) => s.drag.live && s.drag.live.pointer === event.pointerId;
  handles.onpointermove = (event) => {
    if (!mine(event)) return;
    const [px, py] = placeIn(s, event);
    const [dx, dy] = s.drag.live.off;
    const { box } = s.grips.get(s.drag.live.name);
    moveHandle(s, box.inverse(px + dx, py + dy));
  };
  handles.onpointerup = (event) => mine(event) && endDrag(s, true);
  handles.onpointercancel = (event) => mine(event) && endDrag(s, false);
  handles.addEventListener("lostpointercapture", (event) => mine(event) && endDrag(s, false));
  handles.onkeydown = (event) => handleKey(s, event);
  handles.onkeyup = () => {
    if (!s.drag.live?.keys) return;
    clearTimeout(s.drag.end);
    s.drag.end = setTimeout(() => endDrag(s, true), KEYS_REST);
  };
  handles.addEventListener("focusout", () => s.drag.live?.keys && endDrag(s, true));
  s.answered = (event) => { takePatch(s, event.detail); };
  document.addEventListener(ANSWERS, s.answered);
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function handleKey(s, event) {
  const button = event.target;
  const one = s.grips.get(button.dataset.name);
  if (!one || event.ctrlKey || event.metaKey || event.altKey) return;
  const { live } = s.drag;
  const taken = () => {
    event.preventDefault();
    event.stopPropagation();
  };
  if (event.key in ARROWS) {
    taken();
    if (live && !live.keys) return;
    if (!live) startDrag(s, one, { keys: true });
    clearTimeout(s.drag.end);
    const { x, y } = one.box.panel;
    const part = event.shiftKey ? 0.1 : 0.01;
    const at = handlePlaces(one.layer);
    const [dx, dy] = ARROWS[event.key];
    moveHandle(s, [at[2 * one.index] + part * dx * (x[1] - x[0]), at[2 * one.index + 1] + part * dy * (y[1] - y[0])]);
  } else if (event.key === "PageDown" || event.key === "PageUp") {
    taken();
    const all = Array.from(s.ui.handles.children);
    const step = event.key === "PageDown" ? 1 : -1;
    focusHandle(s, all[(all.indexOf(button) + step + all.length) % all.length]);
  } else if (event.key === "Escape" && live) {
    taken();
    endDrag(s, false);
  }
}

function startDrag(s, one, how) {
  s.drag.live = { ...how, name: nameOf(one), moved: false, since: performance.now(), said: null, rested: false };
  repaint(s);
}

/** @param {number[]} wanted */
function moveHandle(s, wanted) {
  const { live } = s.drag;
  const one = s.grips.get(live.name);
  const { x, y } = one.box.panel;
  const at = [clamp(wanted[0], ...x), clamp(wanted[1], ...y)];
  const places = handlePlaces(one.layer);
  if (at[0] === places[2 * one.index] && at[1] === places[2 * one.index + 1]) return;
  places.set(at, 2 * one.index);
  live.at = at;
  live.moved = true;
  live.since = performance.now();
  live.rested = false;
  s.root.parentNode?.host?.toggleAttribute("data-dragged", true); // marks that the page's checks are about the earlier picture
  putHandle(s, buttonOf(s, live.name), one);
  repaint(s);
  pump(s);
}

// Send the latest position if no event is pending; else try again later.
function pump(s) {
  const { drag } = s;
  const { live } = drag;
  clearTimeout(drag.timer);
  if (!live?.moved || !s.grips.has(live.name)) return;
  const now = performance.now();
  const later = (time) => { drag.timer = setTimeout(() => pump(s), Math.max(0, time - now) + 1); };
  const resting = now - live.since >= HOLDS_STILL;
  if (drag.waiting && now < drag.waiting + TOO_LONG) later(drag.waiting + TOO_LONG);
  else if (now < drag.last + APART) later(drag.last + APART);
  else if (live.said !== live.at || (resting && !live.rested)) {
    live.said = live.at;
    live.rested = resting;
    drag.waiting = drag.last = now;
    document.dispatchEvent(new CustomEvent(SAYS, { detail: { ...eventOf(s), resting, base: s.picture.hash } }));
    later(now + TOO_LONG);
  } else if (!live.rested) later(live.since + HOLDS_STILL);
}

function eventOf(s) {
  const { live } = s.drag;
  const { box, layer, index } = s.grips.get(live.name);
  const [x, y] = live.at.map((v) => Number(v.toPrecision(9)));
  return { panel: box.panel.index, layer: layer.name, index, x, y, number: ++s.drag.number };
}

// End of a gesture. keep: the handle stays; else everything is restored.
function endDrag(s, keep) {
  const { drag } = s;
  const { live } = drag;
  if (!live) return;
  clearTimeout(drag.timer);
  clearTimeout(drag.end);
  const done = live.moved && keep && s.grips.has(live.name) ? eventOf(s) : null;
  drag.live = null;
  drag.waiting = 0;
  repaint(s);
  if (done) {
    drag.stay = true;
    if (live.keys) s.ui.live.textContent = buttonOf(s, live.name)?.getAttribute("aria-label") ?? "";
    // Streamlit joins simultaneous messages, and runs only the fragment if one of them is the fragment's. A pending
    // move must be sent before, or the page would not run.
    setTimeout(() => s.send("drag", done), MOMENT);
  } else if (live.moved) {
    drag.dropped = drag.number; // ignore the answers that are still to come
    unpatch(s);
  }
}
