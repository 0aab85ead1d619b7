// The timeline: its marks, and ticks at the computed frames if there are few.

function buildTimeline(ui, picture) {
  const end = Math.max(1, picture.frames - 1);
  const marks = picture.marks ?? [];
  const computed = picture.computed ?? [];
  const place = (at) => `left: ${((100 * at) / end).toFixed(3)}%`;
  const dots = computed.map((frame) => element("span", { class: "dot", style: place(frame) }));
  const ticks = marks.map(({ at, beyond, label }) =>
    element("span", { class: beyond ? "tick beyond" : "tick", style: place(at), title: label }));
  ui.ticks.replaceChildren(...dots, ...ticks);
  ui.marks.replaceChildren(...marks.map(({ label, at, beyond }) => {
    const name = element("button", { type: "button", class: "mark", style: place(at) }, ...richNodes(beyond ? `${label} ▸` : label));
    name.dataset.part = String(at / end);
    name.onclick = () => ui.seek(at);
    return name;
  }));
  ui.marks.hidden = marks.length === 0;
  ui.bar.classList.toggle("marked", marks.length > 0);
  ui.between.hidden = computed.length === 0;
  ui.computed = computed;
}

// Place the labels over their marks, inside of the timeline; a label that would cover another is left out.
function placeMarks(ui) {
  if (ui.marks.hidden) return;
  const width = ui.marks.clientWidth;
  let free = -Infinity;
  for (const name of ui.marks.children) {
    name.hidden = false;
    name.style.transform = "";
    const wide = name.offsetWidth;
    const left = clamp(Number(name.dataset.part) * width - wide / 2, -8, Math.max(-8, width - wide + 8));
    name.style.left = `${left.toFixed(1)}px`;
    name.hidden = left < free + 6;
    if (!name.hidden) free = left + wide;
  }
}

// Say if the frame is interpolated between two computed ones.
function showBetween(ui, t) {
  if (!ui.computed?.length) return;
  const near = ui.computed.some((frame) => Math.abs(frame - t) < 0.5);
  ui.between.style.visibility = near ? "hidden" : "visible";
}

const ROOM_OF_TRACK = 190; // px: the least width of the timeline beside the readouts

// Readouts are in the line of the controls if there is room, else in a separate line.
function placeReadouts(ui) {
  const { readouts, bar, clock, root } = ui;
  if (readouts.hidden || bar.classList.contains("still")) {
    root.insertBefore(readouts, bar);
    return;
  }
  bar.insertBefore(readouts, clock);
  const used = Array.from(bar.children).reduce((sum, part) => sum + (part.classList.contains("track") ? 0 : part.scrollWidth + 4), 0);
  if (used + ROOM_OF_TRACK > bar.clientWidth) root.insertBefore(readouts, bar);
}
