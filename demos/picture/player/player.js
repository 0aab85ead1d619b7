// The player: one state for each parent element, and one loop that paints while something moves.

export const STATES = new WeakMap(); // parentElement → state; the page runs the default export again on every change

// Show a new payload: switches, speed, camera and playing are kept; the clock starts again. A payload that is already
// shown or being decoded is ignored.
async function receive(s, data) {
  const { hash } = peek(data);
  if (s.wanted === hash) return;
  s.wanted = hash;
  const picture = await decode(data);
  if (s.wanted === hash) show(s, picture); // not if a newer payload arrived
}

function show(s, picture) {
  const first = s.picture === null;
  const part = s.drag.stay && !first ? s.t / Math.max(1, s.picture.frames - 1) : null; // after a drag the clock continues
  s.drag.stay = false;
  s.recording?.stop();
  s.picture = picture;
  s.root.dataset.payloads = String(++s.payloads);
  delete s.root.dataset.frame;
  s.drop = s.before = null;
  s.held = 0;
  s.patient = 0;
  s.last = performance.now(); // so that it moves in the next frame
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (first) begin(s, picture.extra, calm);
  s.playing = s.playing && picture.frames > 1;
  s.t = part !== null ? part * (picture.frames - 1) : startOf(picture, calm && !s.playing);
  s.camera = cameraFor(s);
  findSubjects(picture);
  keepSwitches(s);
  buildReadouts(s.ui, picture);
  buildTimeline(s.ui, picture);
  s.ui.canvas.setAttribute("aria-label", picture.alt || "A moving picture");
  s.root.setAttribute("aria-description", s.camera ? "Shift with an arrow key turns it, plus and minus zoom." : "");
  s.root.classList.toggle("compact", Boolean(picture.extra.compact));
  s.root.classList.toggle("present", Boolean(picture.extra.present));
  showPlaying(s.ui, s.playing);
  s.figure = null;
  if (!s.drag.live) s.root.parentNode?.host?.toggleAttribute("data-dragged", false);
  forgetStrokes(s);
  showBrush(s);
}

// Initial playing and speed from the page's address; later pictures keep the choice of the visitor.
function begin(s, { autoplay = true, loop = true, speed = 1 }, calm) {
  s.playing = !calm && autoplay;
  s.loop = loop;
  s.speed = speed;
  s.ui.loop.setAttribute("aria-pressed", String(loop));
  s.ui.speed.value = String(speed);
}

// The first frame to show; for a picture that does not play, the last one by default.
function startOf(picture, atRest) {
  const last = picture.frames - 1, { frame, share } = picture.extra;
  return clamp(frame ?? (share !== undefined ? share * last : atRest ? last : 0), 0, last);
}

function keepSwitches(s) {
  const known = s.switches;
  s.switches = new Map();
  for (const layer of s.picture.panels.flatMap((panel) => panel.layers)) {
    for (const [key, label, on] of DRAW[layer.kind].switches(layer)) {
      const touched = known.get(key)?.touched ?? false;
      if (!s.switches.has(key)) s.switches.set(key, { label, on: touched ? known.get(key).on : on, touched });
    }
  }
  buildSwitches(s.ui, s.switches, (key, on) => {
    Object.assign(s.switches.get(key), { on, touched: true });
    s.plan = null;
    placeHandles(s);
    repaint(s);
  });
}

function mount(parent) {
  const s = {
    picture: null, wanted: null, payloads: 0, switches: new Map(), // picture: the one shown; wanted: the hash of the next
    t: 0, speed: 1, loop: true, playing: false, held: 0, last: null, patient: 0, recording: null, sharp: null, animating: false,
    figure: null, plan: null, sheets: {}, widths: new Map(), limit: 2, pace: { ...PACE }, top: 0, visible: true, painted: 0, raf: 0,
    camera: null, drop: null, pick: null, brush: newBrush(),
    drag: newDrag(), grips: new Map(), before: null,
  };
  s.ui = buildPlayer({
    toggle: () => setPlaying(s, !s.playing, s.playing ? "Paused" : "Playing"),
    step: (frames) => stepBy(s, frames),
    seek: (t) => seek(s, t),
    speed: (value) => { s.speed = value; },
    loop: () => { s.loop = !s.loop; s.ui.loop.setAttribute("aria-pressed", String(s.loop)); },
    picture: () => savePicture(s),
    animation: (kind) => saveAnimation(s, kind),
    clip: (kind) => saveClip(s, kind),
    full: () => toggleFull(s),
    draw: () => toggleDrawing(s),
    mode: (mode) => { s.brush.mode = mode; showBrush(s); },
    size: (size) => { s.brush.size = size; showBrush(s); },
    clear: () => clearStrokes(s),
  });
  s.root = s.ui.root;
  s.ctx = s.ui.canvas.getContext("2d", { alpha: false });
  s.ui.loop.setAttribute("aria-pressed", "true");
  for (const clip of s.ui.clips) clip.hidden = clipType(clip.textContent) === undefined;
  s.ui.full.hidden = !document.fullscreenEnabled;
  parent.append(s.root);
  listen(s);
  return s;
}

async function update(s, data) {
  const { problem } = s.ui;
  try {
    await receive(s, data);
    if (!s.picture) return; // not decoded yet, or the player was left meanwhile
    const theme = readTheme(s.root, s.theme);
    if (theme !== s.theme || !s.figure) {
      s.theme = theme;
      relayout(s);
    }
    problem.hidden = true;
    if (s.playing) repaint(s);
  } catch (error) {
    s.picture = s.wanted = null;
    problem.textContent = `This picture cannot be shown. ${error.message}`;
    problem.hidden = false;
  }
  s.ui.stage.hidden = s.ui.bar.hidden = !problem.hidden;
}

export default function play({ data, parentElement, setTriggerValue }) {
  let s = STATES.get(parentElement);
  if (!s || s.root.parentNode !== parentElement) {
    s?.stop(); // Streamlit has emptied the element
    s = mount(parentElement);
    STATES.set(parentElement, s);
  }
  s.send = setTriggerValue;
  update(s, data);
  return () => {
    s.stop();
    if (STATES.get(parentElement) === s) STATES.delete(parentElement);
  };
}
