// The controls in a line below the picture. They call `act`; functions `show…` update what they display.

const ICONS = {
  play: '<path d="M6 4.2v11.6a.6.6 0 0 0 .92.5l9-5.8a.6.6 0 0 0 0-1l-9-5.8A.6.6 0 0 0 6 4.2z" fill="currentColor" stroke="none"/>',
  pause: '<path d="M6.7 4.5v11M13.3 4.5v11" stroke-width="2.6"/>',
  back: '<path d="M12.5 5 7.5 10l5 5"/>',
  forward: '<path d="m7.5 5 5 5-5 5"/>',
  loop: '<path d="M4 9.5V8a2.5 2.5 0 0 1 2.5-2.5h8.8M13 3l2.5 2.5L13 8M16 10.5V12a2.5 2.5 0 0 1-2.5 2.5H4.700M7 17l-2.500-2.500L7 12"/>',
  layers: '<path d="m10 3.500 7 3.700-7 3.700-7-3.700zM3.500 10.500 10 14l6.500-3.500M3.500 13.500 10 17l6.500-3.500"/>',
  save: '<path d="M10 3.500v9M6.500 9.500 10 13l3.500-3.500M4 16.500h12"/>',
  full: '<path d="M7.500 3.500h-4v4M12.500 3.500h4v4M7.500 16.500h-4v-4M12.500 16.500h4v-4"/>',
  draw: '<path d="M4 16.500l.900-3.600L13.200 4.600a1.600 1.600 0 0 1 2.300 0l.400.400a1.600 1.600 0 0 1 0 2.300l-8.300 8.300zM11.700 6.100l2.700 2.700"/>',
  add: '<path d="M10 4.500v11M4.500 10h11"/>',
  erase: '<path d="m8 15.500-4-4a1.300 1.300 0 0 1 0-1.800l5.800-5.700a1.300 1.300 0 0 1 1.800 0l4 4a1.300 1.300 0 0 1 0 1.800L10 15.500zM6.800 6.900l5.800 5.800M6 15.500h10.500"/>',
  clear: '<path d="M4.500 6h11M8 6V4.500h4V6M6 6l.600 10h6.800L14 6M8.600 8.800l.200 4.600M11.400 8.800l-.200 4.600"/>',
};
const SPEEDS = [[0.25, "¼×"], [0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]];

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function setIcon(button, name, title) {
  if (button.dataset.icon === name) return;
  button.dataset.icon = name;
  button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true">${ICONS[name]}</svg>`; // constants only
  button.title = title;
  button.setAttribute("aria-label", title.replace(/ \(.*\)$/, ""));
}

function iconButton(icon, title, className, onClick) {
  const button = element("button", { type: "button", class: className });
  setIcon(button, icon, title);
  button.onclick = onClick;
  return button;
}

// A button with a menu above it; Escape, a second click or a click elsewhere closes the menu.
function menu(icon, title, className) {
  // It accepts the focus of a click on its text; else the player would, and the menu would close.
  const sheet = element("div", { class: "sheet", role: "group", tabindex: "-1", "aria-label": title, hidden: "" });
  const holder = element("div", { class: `menu ${className}` });
  const show = (open) => {
    const focused = sheet.contains(/** @type {any} */ (sheet.getRootNode()).activeElement);
    sheet.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (!open && focused) button.focus(); // a hidden element loses the focus, and the keys would go to the page
  };
  const button = iconButton(icon, title, "icon", () => show(sheet.hidden));
  button.setAttribute("aria-expanded", "false");
  holder.append(button, sheet);
  holder.onkeydown = (event) => {
    if (event.key !== "Escape" || sheet.hidden) return;
    event.stopPropagation();
    show(false);
  };
  holder.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !holder.contains(event.relatedTarget)) show(false);
  });
  return { holder, sheet, button, close: () => show(false) };
}

function buildPlayer(act) {
  const root = element("div", { class: "player", tabindex: "0", role: "group", "aria-label": "Moving picture" });
  const canvas = element("canvas", { role: "img" });
  const handles = element("div", { class: "handles" });
  const stage = element("div", { class: "stage" }, canvas, handles);
  const problem = element("p", { class: "problem", role: "alert", hidden: "" });
  const readouts = element("div", { class: "readouts" });
  const live = element("span", { class: "quiet", "aria-live": "polite" });
  const play = iconButton("play", "Play (space)", "icon play", act.toggle);
  const back = iconButton("back", "One frame back (←)", "icon step", () => act.step(-1));
  const forward = iconButton("forward", "One frame on (→)", "icon step", () => act.step(1));
  const scrub = element("input", { type: "range", min: "0", max: "1", step: "any", value: "0", "aria-label": "Time" });
  scrub.oninput = () => act.seek(Number(scrub.value));
  const ticks = element("div", { class: "ticks", "aria-hidden": "true" });
  const marks = element("div", { class: "marks", hidden: "" });
  const track = element("div", { class: "track" }, marks, scrub, ticks);
  const between = element("span", { class: "between", hidden: "", title: "Only the dots on the timeline are computed." },
    "interpolated");
  const clock = element("span", { class: "clock" }); // not <output>, which screen readers announce at every change
  const speed = element("select", { class: "speed", title: "Speed", "aria-label": "Speed" });
  for (const [value, text] of SPEEDS) speed.append(element("option", { value: String(value) }, text));
  speed.value = "1";
  speed.onchange = () => act.speed(Number(speed.value));
  const loop = iconButton("loop", "Repeat", "icon loop", act.loop);
  const layers = menu("layers", "Layers", "layers");
  const saving = menu("save", "Save", "saving");
  const picture = element("button", { type: "button" }, "Picture (PNG)");
  picture.onclick = () => { saving.close(); act.picture(); };
  const clips = ["WebM", "MP4"].map((kind) => {
    const clip = element("button", { type: "button", class: "moving" }, `Clip (${kind})`);
    clip.onclick = () => { saving.close(); act.clip(kind); };
    return clip;
  });
  const animations = (packsWebP() ? ["GIF", "WebP"] : ["GIF"]).map((kind) => {
    const button = element("button", { type: "button", class: "moving" }, `Animation (${kind})`);
    button.onclick = () => act.animation(kind); // the menu stays open: its button shows the progress
    return button;
  });
  saving.sheet.append(picture, ...animations, ...clips);
  const full = iconButton("full", "Full screen (F)", "icon full", act.full);
  const brush = buildBrush(act);
  const bar = element("div", { class: "bar" },
    play, back, forward, track, between, clock, speed, loop, brush.draw, brush.tools, layers.holder, saving.holder, full);
  const words = { above: element("p", { class: "words above", hidden: "" }), below: element("p", { class: "words below", hidden: "" }) };
  root.append(words.above, stage, problem, readouts, bar, words.below, live);
  return { root, words, canvas, handles, stage, problem, readouts, live, play, scrub, clock, speed, loop, layers, saving, animations, clips, full,
    brush, bar, ticks, marks, between, seek: act.seek };
}

function showPlaying(ui, playing) {
  setIcon(ui.play, playing ? "pause" : "play", playing ? "Pause (space)" : "Play (space)");
  ui.root.dataset.playing = String(playing);
}

// One cell for each readout: label, value, unit. The cell has the width of its longest text.
function buildReadouts(ui, picture) {
  const cell = (readout) => {
    const { values, digits, whole } = readout;
    const fixed = whole ? null : commonDecimals(values.data, digits);
    const text = (frame) => format(values.data[frame], digits, whole, fixed);
    const longest = Array.from(values.data, (_, frame) => text(frame))
      .reduce((a, b) => (b.length > a.length ? b : a), "");
    const value = element("span", { class: "value", style: `min-width: ${longest.length}ch` });
    const holder = element("span", { class: "readout" });
    const symbol = [...readout.label].length === 1 ? " symbol" : "";
    if (readout.label) holder.append(element("span", { class: `label${symbol}` }, ...richNodes(readout.label)));
    holder.append(value);
    if (readout.unit) holder.append(element("span", { class: "unit" }, readout.unit));
    return { holder, value, readout, text };
  };
  const clock = cell(picture.clock);
  const others = picture.readouts.map(cell);
  ui.clock.replaceChildren(clock.holder);
  ui.readouts.replaceChildren(...others.map((c) => c.holder));
  ui.readouts.hidden = others.length === 0;
  ui.cells = [clock, ...others];
  ui.scrub.max = String(picture.frames - 1);
  ui.bar.classList.toggle("still", picture.frames < 2);
}

function showTime(ui, t) {
  const frame = Math.round(t);
  ui.scrub.value = String(t);
  ui.scrub.style.setProperty("--done", String(t / Math.max(1, Number(ui.scrub.max))));
  showBetween(ui, t);
  if (ui.root.dataset.frame === String(frame)) return;
  ui.root.dataset.frame = String(frame);
  for (const { value, text } of ui.cells) value.textContent = text(frame);
  if (ui.root.dataset.playing !== "true") nameTime(ui); // while playing, a screen reader on the slider would not stop talking
}

const reading = ({ readout, text }, frame) => {
  const label = [...readout.label].length === 1 ? `${readout.label} =` : readout.label;
  return [label, text(frame), readout.unit].filter(Boolean).join(" ");
};

// Give the time slider the readouts of the shown frame as its value in words, and return them.
function nameTime(ui) {
  const text = ui.cells.map((cell) => reading(cell, Number(ui.root.dataset.frame))).join(", ");
  ui.scrub.setAttribute("aria-valuetext", text);
  return text;
}

// Announced to screen readers on a pause or a step, not while playing.
function sayTime(ui, words) {
  const text = nameTime(ui);
  ui.live.textContent = words ? `${words}: ${text}` : text;
}

function buildSwitches(ui, switches, onChange) {
  ui.layers.sheet.replaceChildren(...[...switches].map(([key, { label, on }]) => {
    const box = element("input", { type: "checkbox", "data-layer": key });
    box.checked = on;
    box.onchange = () => onChange(key, box.checked);
    return element("label", {}, box, element("span", {}, ...richNodes(label)));
  }));
  ui.layers.holder.hidden = switches.size === 0;
}
