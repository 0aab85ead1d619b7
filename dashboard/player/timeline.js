// What stands on the timeline: moments with a name, and the frames that were computed where they are few.

function buildTimeline(ui, picture) {
  const end = Math.max(1, picture.frames - 1);
  const marks = picture.marks ?? [];
  const computed = picture.computed ?? [];
  const place = (at) => `left: ${((100 * at) / end).toFixed(3)}%`;
  const ticks = computed.map((frame) => element("span", { class: "dot", style: place(frame) }));
  for (const { at, beyond, label } of marks) {
    const tick = element("span", { class: beyond ? "tick beyond" : "tick", style: place(at), title: label });
    ticks.push(tick);
  }
  ui.ticks.replaceChildren(...ticks);
  ui.marks.replaceChildren(...marks.map(({ label, at, beyond }) => {
    const name = element("button", { type: "button", class: "mark" }, beyond ? `${label} ▸` : label);
    name.onclick = () => ui.seek(at);
    return name;
  }));
  ui.marks.hidden = marks.length === 0;
  ui.between.hidden = computed.length === 0;
  ui.computed = computed;
}

// Between two computed frames the motion is drawn, not computed.
function showBetween(ui, t) {
  if (!ui.computed?.length) return;
  const near = ui.computed.some((frame) => Math.abs(frame - t) < 0.5);
  ui.between.style.visibility = near ? "hidden" : "visible";
}
