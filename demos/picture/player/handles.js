// Handles: each is a button over the picture, for pointer and keys, and a painted disc.

const handlesShown = (s, layer) => (s.switches.get(layer.name)?.on ?? true) && !s.brush.on;

// The current positions (x and y alternating): a copy, because the payload must not change.
const handlePlaces = (layer) => (layer.moved ??= Float64Array.from(layer.positions.data));

// All visible handles, as [{ box, layer, index }].
function allHandles(s) {
  return (s.figure?.boxes ?? []).flatMap((box) => box.panel.layers
    .filter((layer) => layer.kind === "handles" && handlesShown(s, layer))
    .flatMap((layer) => layer.labels.map((_, index) => ({ box, layer, index }))));
}

const nameOf = ({ box, layer, index }) => `${box.panel.index} ${index} ${layer.name}`;

const pixelOf = ({ box, layer, index }) => {
  const at = handlePlaces(layer);
  return [box.sx(at[2 * index]), box.sy(at[2 * index + 1])];
};

// One button for each handle. Buttons are reused for a new picture, so that a gesture can continue.
function placeHandles(s) {
  if (!s.figure) return; // between two pictures: keep the buttons for a gesture
  const { handles } = s.ui;
  const known = new Map(Array.from(handles.children, (button) => [button.dataset.name, button]));
  const all = allHandles(s);
  s.grips = new Map(all.map((one) => [nameOf(one), one]));
  for (const [name, button] of known) if (!s.grips.has(name)) button.remove();
  for (const [name, one] of s.grips) {
    let button = known.get(name);
    if (!button) {
      button = element("button", { type: "button", class: "handle", "data-name": name, "aria-roledescription": "handle" });
      handles.append(button);
    }
    putHandle(s, button, one);
  }
  const first = handles.querySelector('[tabindex="0"]') ?? handles.firstElementChild;
  for (const button of handles.children) button.setAttribute("tabindex", button === first ? "0" : "-1");
  if (s.drag.live && !s.grips.has(s.drag.live.name)) endDrag(s, false); // the dragged handle was hidden, or is gone
}

function putHandle(s, button, one) {
  const [x, y] = pixelOf(one);
  button.style.left = `${x.toFixed(1)}px`;
  button.style.top = `${y.toFixed(1)}px`;
  const places = handlePlaces(one.layer);
  const at = [places[2 * one.index], places[2 * one.index + 1]];
  button.dataset.at = at.map((v) => Number(v.toPrecision(7))).join(" ");
  button.title = one.layer.labels[one.index];
  button.setAttribute("aria-label", `${button.title}: ${at.map((v) => format(v)).join(", ")}`);
}

function drawHandles(s) {
  const all = allHandles(s);
  if (!all.length) return;
  const { ctx, theme, dpr, drag } = s;
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
  for (const one of all) {
    const [x, y] = pixelOf(one);
    const held = drag.live && drag.live.name === nameOf(one);
    for (const [color, radius] of [[theme.paper, held ? 10.5 : 8.5], [colorOf(one.layer.colors[one.index], theme), held ? 8.5 : 6.5],
      [theme.paper, 2.2]]) {
      ctx.beginPath();
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      ctx.fillStyle = css(color);
      ctx.fill();
    }
  }
}

/** @type {(s: any, name: string) => any} */
const buttonOf = (s, name) => Array.from(s.ui.handles.children).find((button) => button.dataset.name === name);

function focusHandle(s, button) {
  for (const other of s.ui.handles.children) other.setAttribute("tabindex", other === button ? "0" : "-1");
  button.focus({ preventScroll: true });
}
