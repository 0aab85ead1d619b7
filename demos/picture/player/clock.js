// The clock, and the loop that paints while something moves.

const HOLD = 2; // seconds on the last frame before it starts again
// ms: after a control changed, the old picture is painted less often for a while, so that the browser has time to
// process the page and the new picture.
const PATIENCE = 600;
const REST = 60;
const SLOW_FRAMES = 40; // so many more slow frames than fast ones, and the resolution is changed
// mean: seconds a frame, of late; sharp: the same at full resolution, once it was too slow; settled: no further change.
const PACE = { slow: 0, mean: 0, sharp: null, settled: false };

// words: announced to screen readers, with the time.
function setPlaying(s, playing, words) {
  if (!s.picture || (playing && s.picture.frames < 2)) return;
  if (playing && s.t >= s.picture.frames - 1) s.t = 0;
  s.playing = playing;
  s.held = 0;
  s.last = null;
  showPlaying(s.ui, s.playing);
  showTime(s.ui, s.t);
  if (words) sayTime(s.ui, words);
  if (sharpness(s) !== s.dpr) relayout(s);
  repaint(s);
}

function seek(s, t) {
  s.t = clamp(t, 0, s.picture.frames - 1);
  s.held = 0;
  repaint(s);
}

function stepBy(s, frames) {
  if (s.playing) setPlaying(s, false);
  seek(s, Math.round(s.t) + frames);
  showTime(s.ui, s.t);
  sayTime(s.ui);
}

function repaint(s) {
  s.dirty = true;
  if (!s.raf && s.picture) s.raf = requestAnimationFrame((now) => tick(s, now));
}

function tick(s, now) {
  s.raf = 0;
  if (!s.root.isConnected || !s.picture) return;
  if (s.playing) advance(s, now);
  paint(s);
  if (!s.playing || !(s.visible || s.recording)) return;
  if (performance.now() < s.patient) setTimeout(() => repaint(s), REST);
  else repaint(s);
}

// A control outside of the player was used: a new picture may be coming.
function touched(s, event) {
  // Chrome's autofill sends a "keydown" without a key.
  const typed = event.type === "keydown" && event.key?.length === 1 && event.key !== " ";
  if (!typed && !event.composedPath().includes(s.root)) s.patient = performance.now() + PATIENCE;
}

function advance(s, now) {
  // Bounded: a hidden page must not jump, and a frame may have begun before the picture came.
  const seconds = s.last === null ? 0 : clamp((now - s.last) / 1000, 0, 0.1);
  s.last = now;
  if (now > s.patient) keepPace(s, seconds);
  if (s.camera?.spins) turnCamera(s.camera, seconds * SPIN, 0);
  const end = s.picture.frames - 1;
  if (s.t < end) {
    s.t = Math.min(end, s.t + (seconds * s.speed * end) / s.picture.seconds);
  } else if (s.recording) {
    s.recording.stop();
  } else if (!s.loop) {
    setPlaying(s, false, "End");
  } else if ((s.held += seconds) > HOLD) {
    s.t = s.held = 0;
  }
}

// The resolution of the screen; less while playing on a machine that is too slow for it.
const sharpness = (s) => s.sharp ?? Math.min(2, devicePixelRatio || 1, s.playing ? s.limit : 2);

// Lower the resolution where frames take too long. If that gains nothing, because the browser or the screen shows only
// 30 frames a second (to save power, for example), restore it.
function keepPace(s, seconds) {
  const { pace } = s;
  pace.mean = mix(pace.mean || seconds, seconds, 0.1);
  pace.slow = seconds > 1 / 45 ? pace.slow + 1 : Math.max(0, pace.slow - 1);
  if (pace.slow < SLOW_FRAMES || pace.settled) return;
  pace.slow = 0;
  if (s.dpr > 1) {
    pace.sharp ??= pace.mean;
    s.limit = Math.max(1, s.dpr * 0.7);
  } else {
    pace.settled = true;
    if (pace.sharp === null || pace.mean < 0.9 * pace.sharp) return;
    s.limit = 2;
  }
  relayout(s);
}

