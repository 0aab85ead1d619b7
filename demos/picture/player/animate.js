// Saves one play-through as a file, frame by frame, so that it is equally smooth on slow machines.

const INTERRUPTED = "Another picture came meanwhile.";
const ANIMATED = { width: 880, frames: 90, hold: 1.5, samples: 6 }; // width: at most, in CSS pixels; hold: seconds on the last frame

// Paint the picture at frame t, with its captions, onto the canvas `target`.
function composeAt(s, t, target) {
  s.t = t;
  paint(s);
  const whole = compose(s);
  const ctx = target.getContext("2d", { alpha: false, willReadFrequently: true });
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(whole, 0, 0, target.width, target.height);
  return target;
}

// kind: "GIF" or "WebP"; said(part): called with the finished fraction. Returns a Blob. Throws if a new picture arrives.
async function animation(s, kind, said = (part) => {}) {
  const { picture, t, playing, camera } = s, before = camera && { ...camera };
  setPlaying(s, false);
  try {
    const end = picture.frames - 1, count = Math.min(picture.frames, ANIMATED.frames);
    const moments = Array.from({ length: count }, (_, i) => (count > 1 ? (end * i) / (count - 1) : 0));
    const whole = compose(s), scale = Math.min(1, ANIMATED.width / whole.width);
    const target = document.createElement("canvas");
    target.width = Math.round(whole.width * scale);
    target.height = Math.round(whole.height * scale);
    const pixels = () => target.getContext("2d").getImageData(0, 0, target.width, target.height).data;
    const step = picture.seconds / Math.max(1, count - 1);
    let writer;
    if (kind === "GIF") {
      const every = Math.max(1, Math.floor((count - 1) / (ANIMATED.samples - 1)));
      const chosen = moments.filter((_, i) => i % every === 0);
      writer = gifWriter(target.width, target.height, chosen.map((moment) => (composeAt(s, moment, target), pixels())));
    } else {
      writer = webpWriter(target.width, target.height);
    }
    let written = 0; // hundredths of a second, the unit of GIF: rounding must not accumulate
    for (let i = 0; i < count; i++) {
      composeAt(s, moments[i], target);
      const until = i < count - 1 ? Math.round(100 * step * (i + 1)) : written + 100 * ANIMATED.hold;
      await writer.add(kind === "GIF" ? pixels() : target, (until - written) / 100);
      written = until;
      if (camera?.spins) turnCamera(camera, step * SPIN, 0);
      said((i + 1) / count);
      await new Promise((done) => setTimeout(done)); // lets the page handle events
      if (s.picture !== picture) throw new Error(INTERRUPTED);
    }
    return writer.end();
  } finally {
    if (before && s.camera === camera) Object.assign(camera, before);
    if (s.picture === picture) seek(s, t);
    setPlaying(s, playing);
  }
}

// Called from the menu: the button shows the progress, and a second click does nothing, as during the recording of a clip.
async function saveAnimation(s, kind) {
  const button = s.ui.animations.find((each) => each.textContent.includes(kind)), words = button.textContent;
  if (s.animating || s.recording) return;
  s.animating = true;
  s.ui.saving.button.setAttribute("aria-busy", "true");
  try {
    const blob = await animation(s, kind, (part) => { button.textContent = `${kind}: ${Math.round(100 * part)} %`; });
    download(blob, fileName(s, `.${kind.toLowerCase()}`));
    s.ui.live.textContent = `${kind} saved`;
  } catch (problem) {
    if (problem.message !== INTERRUPTED) s.ui.live.textContent = `This browser could not make the ${kind}.`;
  } finally {
    s.animating = false;
    button.textContent = words;
    s.ui.saving.button.removeAttribute("aria-busy");
  }
}
