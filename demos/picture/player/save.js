// Saves the picture with its readouts: one frame as PNG, one play-through as WebM or MP4.

// Lengths in device pixels of a saved picture: the line of its caption, its margin, its width and its height.
function sizesOfWhole({ ui: { canvas }, fonts, dpr }) {
  const [line, edge] = [Math.round(fonts.size * 2.4 * dpr), Math.round(16 * dpr)];
  return { line, edge, width: canvas.width + 2 * edge, height: canvas.height + line + edge };
}

// The picture and a caption of its readouts below, on the canvas `target`, which gets their size.
function compose(s, target = document.createElement("canvas")) {
  const { canvas, cells } = s.ui;
  const { theme, fonts, dpr } = s;
  const { line, edge, width, height } = sizesOfWhole(s);
  if (target.width !== width || target.height !== height) Object.assign(target, { width, height });
  const ctx = target.getContext("2d", { alpha: false });
  ctx.fillStyle = css(theme.paper);
  ctx.fillRect(0, 0, target.width, target.height);
  ctx.drawImage(canvas, edge, edge);
  ctx.font = `500 ${fonts.size * dpr}px ${theme.font}`;
  ctx.fillStyle = css(theme.muted);
  ctx.textBaseline = "middle";
  const frame = Math.round(s.t);
  const caption = cells.map((cell) => reading(cell, frame)).join("     ");
  fillRich(ctx, caption, edge + 8 * dpr, canvas.height + edge + line * 0.45, target.width - 2 * edge);
  return target;
}

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function fileName(s, ending) {
  const words = (s.picture.panels.find((panel) => panel.title)?.title ?? "picture").toLowerCase();
  return `${words.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "picture"}${ending}`;
}

// One frame as PNG, with twice the resolution of the page.
function stillPicture(s) {
  s.sharp = 2;
  relayout(s);
  const whole = compose(s);
  s.sharp = null;
  relayout(s);
  return new Promise((done) => whole.toBlob(done, "image/png"));
}

async function savePicture(s) {
  const name = fileName(s, `-${Math.round(s.t)}.png`), blob = await stillPicture(s);
  if (blob) download(blob, name);
}

const CLIP_TYPES = {
  WebM: ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"],
  MP4: ["video/mp4;codecs=avc1.640028", "video/mp4;codecs=avc1", "video/mp4"], // for Safari, PowerPoint and Keynote
};

// The media type that this browser can record for a label; undefined if there is none.
function clipType(label) {
  if (!globalThis.MediaRecorder || !HTMLCanvasElement.prototype.captureStream) return undefined;
  const kind = label.includes("MP4") ? "MP4" : "WebM";
  return CLIP_TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type));
}

// The same on a canvas that keeps its size, which the frames of a video must: where the player has another size since
// the recording began, the picture is scaled.
function composeWithin(s, target, spare) {
  const { width, height } = sizesOfWhole(s);
  if (target.width === width && target.height === height) {
    compose(s, target);
    return;
  }
  const ctx = target.getContext("2d", { alpha: false });
  const scale = Math.min(target.width / width, target.height / height);
  const [w, h] = [scale * width, scale * height];
  ctx.fillStyle = css(s.theme.paper);
  ctx.fillRect(0, 0, target.width, target.height);
  ctx.drawImage(compose(s, spare), (target.width - w) / 2, (target.height - h) / 2, w, h);
}

// Play once from the start and record the canvas; a second call ends the recording early. While the page is hidden, the
// picture and the recording rest. A player that is left saves nothing.
function saveClip(s, kind) {
  if (s.recording) {
    s.recording.stop();
    return;
  }
  if (s.animating) return;
  const target = compose(s), spare = document.createElement("canvas"), type = clipType(kind);
  const recorder = new MediaRecorder(target.captureStream(60), { mimeType: type, videoBitsPerSecond: 8e6 });
  const parts = [];
  const name = fileName(s, `.${kind.toLowerCase()}`), button = s.ui.clips.find((clip) => clip.textContent.includes(kind));
  recorder.ondataavailable = (event) => parts.push(event.data);
  let left = false;
  const active = () => recorder.state !== "inactive";
  const rest = () => active() && recorder[document.hidden ? "pause" : "resume"]();
  document.addEventListener("visibilitychange", rest);
  const stop = () => active() && recorder.stop();
  recorder.onstop = () => {
    document.removeEventListener("visibilitychange", rest);
    s.recording = null;
    button.textContent = `Clip (${kind})`;
    for (const track of recorder.stream.getTracks()) track.stop();
    if (!left) download(new Blob(parts, { type }), name);
  };
  s.recording = { paint: () => composeWithin(s, target, spare), stop, drop: () => { left = true; stop(); } };
  button.textContent = "End the clip";
  recorder.start();
  seek(s, 0);
  setPlaying(s, true);
}
