// The gallery of the home page. Each of `data.cards` has page, title, sentence, picture, scenes, and equation: HTML of
// KaTeX from our own index, which is safe to insert.

const FIRST = 3; // scenes that a card shows before it is unfolded
const [WIDTH, HEIGHT] = [300, 250]; // pixels of a frame
const [ACROSS, FRAMES] = [5, 30]; // frames in a row of an animation's sheet, and in the whole sheet
const [EACH, LAST] = [100, 1500]; // milliseconds that a frame is shown, and that the last one is shown longer
const STATES = new WeakMap(); // parentElement → state; Streamlit calls the default export again on every change

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const isDark = (element) => {
  const [r, g, b] = getComputedStyle(element.closest("[data-testid=stApp]") ?? document.body).backgroundColor.match(/[\d.]+/g);
  return 0.3 * r + 0.6 * g + 0.1 * b < 128;
};

// The text in lower case without accents, so that "poincare" finds "Poincaré".
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

// The {card, scene} whose texts contain every word that was typed; null where nothing was typed.
function found(cards, text) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const all = cards.flatMap((card) => card.scenes.map((scene) => ({ card, scene })));
  return all.filter(({ card, scene }) => {
    const where = plain(`${scene.title} ${scene.sentence} ${scene.tries} ${scene.group} ${card.title}`);
    return words.every((word) => where.includes(word));
  });
}

function link(card, scene, open, words) {
  const made = node("a", { href: scene?.query ? `${card.page}?${scene.query}` : card.page }, words);
  made.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a new tab, a download
    event.preventDefault();
    open({ page: card.page, query: scene?.query ?? "" });
  };
  return made;
}

function sceneItem(card, scene, open, whole) {
  const item = node("li", {}, link(card, scene, open, scene.title));
  if (whole) {
    const place = scene.group ? `${card.title}, ${scene.group}` : card.title;
    item.append(node("span", { class: "gf-where" }, ` ${place}`), node("p", {}, scene.sentence));
  } else {
    item.title = scene.sentence;
  }
  return item;
}

function cardOf(card, open) {
  const image = node("canvas", { class: "gf-moving", width: WIDTH, height: HEIGHT, "data-picture": card.picture });
  image.hidden = !card.picture;
  const equation = node("div", { class: "gf-equation" }, ...card.equation.map((part) => {
    const made = node("span");
    made.innerHTML = part; // of the index, which stands in the repository
    return made;
  }));
  const list = (scenes) => node("ul", {}, ...scenes.map((scene) => sceneItem(card, scene, open, false)));
  const body = node("div", { class: "gf-body" },
    node("h2", {}, link(card, null, open, card.title)), node("p", {}, card.sentence), equation, list(card.scenes.slice(0, FIRST)));
  const rest = card.scenes.slice(FIRST);
  if (rest.length) {
    const fold = node("details", {}, node("summary", {}, `${rest.length} more scenes`));
    const groups = new Map();
    for (const scene of rest) groups.set(scene.group, [...(groups.get(scene.group) ?? []), scene]);
    for (const [group, scenes] of groups) fold.append(...(group ? [node("h3", {}, group)] : []), list(scenes));
    body.append(fold);
  }
  const picture = link(card, null, open, image);
  picture.className = "gf-picture";
  picture.tabIndex = -1; // the title beside it is the same link
  picture.setAttribute("aria-hidden", "true");
  return node("article", { class: "gf-card", "data-page": card.page }, picture, body);
}

function build(place, s) {
  const open = (target) => s.send("open", target);
  const field = node("input", { type: "search", placeholder: "Search scenes: barrier, step, vortex …", "aria-label": "Search scenes" });
  const motion = node("button", { type: "button", class: "gf-motion" });
  const count = node("span", { class: "gf-count", "aria-live": "polite" });
  const results = node("ul", { class: "gf-results", hidden: "" });
  const cards = node("div", { class: "gf-cards" }, ...s.cards.map((card) => cardOf(card, open)));
  field.oninput = () => {
    const hits = found(s.cards, field.value);
    cards.hidden = hits !== null;
    results.hidden = hits === null;
    results.replaceChildren(...(hits ?? []).map(({ card, scene }) => sceneItem(card, scene, open, true)));
    count.textContent = hits === null ? "" : hits.length === 1 ? "1 scene" : `${hits.length || "No"} scenes`;
  };
  motion.onclick = () => {
    s.still = !s.still;
    show(place, s);
  };
  place.replaceChildren(node("div", { class: "gf-search" }, field, count, motion), results, cards);
}

// Load the animations of the present theme, and play them unless they are paused.
function show(place, s) {
  const kind = isDark(place) ? "dark" : "light";
  for (const canvas of place.querySelectorAll("canvas[data-picture]")) {
    const address = `${canvas.dataset.picture}-${kind}.webp`;
    if (canvas.dataset.picture && s.sheets.get(canvas)?.getAttribute("src") !== address) {
      const sheet = node("img", { src: address });
      s.sheets.set(canvas, sheet);
      sheet.decode().then(() => s.sheets.get(canvas) === sheet && paint(canvas, sheet, s.frame), () => {
        if (s.sheets.get(canvas) === sheet) s.sheets.delete(canvas); // not loaded: the next call of `show` tries again
      });
    }
  }
  place.querySelector(".gf-motion").textContent = s.still ? "Play the pictures" : "Pause the pictures";
  if (!s.still && !s.playing) play(s);
}

function paint(canvas, sheet, frame) {
  const [x, y] = [(frame % ACROSS) * WIDTH, Math.floor(frame / ACROSS) * HEIGHT];
  canvas.getContext("2d").drawImage(sheet, x, y, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT);
  canvas.dataset.frame = frame;
}

// One clock for all animations: it shows the next frame every EACH ms until the visitor pauses it or leaves the page.
function play(s) {
  s.playing = true;
  let began = performance.now() - s.frame * EACH;
  const tick = (now) => {
    if (s.still || !s.place.isConnected) return void (s.playing = false);
    if (now - began > FRAMES * EACH + LAST) began = now;
    const frame = Math.min(FRAMES - 1, Math.max(0, Math.floor((now - began) / EACH)));
    if (frame !== s.frame) {
      s.frame = frame;
      for (const [canvas, sheet] of s.sheets) {
        if (sheet.complete && sheet.naturalWidth && canvas.offsetParent) paint(canvas, sheet, frame);
      }
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".gf-gallery");
  let s = STATES.get(parentElement);
  if (!s) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)"), still = calm.matches;
    s = { still, frame: still ? FRAMES - 1 : 0, playing: false, sheets: new Map(), calm };
    STATES.set(parentElement, s);
  }
  Object.assign(s, { place, send: setTriggerValue }); // `place` is another one where Streamlit has built it anew
  const key = JSON.stringify(data.cards);
  if (s.key !== key || !place.firstChild) {
    Object.assign(s, { key, cards: data.cards, sheets: new Map() });
    build(place, s);
  }
  show(place, s);
  const calmed = () => { // the setting was changed while the page is shown
    if (!s.calm.matches) return;
    s.still = true;
    show(s.place, s);
  };
  s.calm.onchange = calmed;
  return () => { // the page was left, or this function is called again
    if (s.calm.onchange === calmed) s.calm.onchange = null;
  };
}
