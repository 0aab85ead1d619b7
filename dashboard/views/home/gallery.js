// The gallery of the home page. `data.cards`: page, title, sentence, picture, equation (KaTeX's HTML, ours), scenes.

const FIRST = 3; // scenes that a card shows unfolded
const STATES = new WeakMap(); // parentElement → what the visitor chose; the page runs the export again on every change

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

// Lower case, without accents: "Poincaré" is found by "poincare".
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

// Every word must be in it somewhere.
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
  const image = node("img", { class: "gf-moving", alt: "", width: 300, height: 250, "data-picture": card.picture });
  image.hidden = !card.picture;
  const equation = node("div", { class: "gf-equation" });
  equation.innerHTML = card.equation; // of the index, which stands in the repository
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

// The pictures for this theme, moving or still.
function show(place, s) {
  const kind = `${isDark(place) ? "dark" : "light"}${s.still ? "-still" : ""}`;
  for (const image of place.querySelectorAll("img[data-picture]")) {
    const address = `${image.dataset.picture}-${kind}.webp`;
    if (image.dataset.picture && image.getAttribute("src") !== address) image.src = address;
  }
  place.querySelector(".gf-motion").textContent = s.still ? "Let the pictures move" : "Hold the pictures still";
}

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".gf-gallery");
  let s = STATES.get(parentElement);
  if (!s) {
    s = { still: matchMedia("(prefers-reduced-motion: reduce)").matches };
    STATES.set(parentElement, s);
  }
  s.send = setTriggerValue;
  const key = JSON.stringify(data.cards);
  if (s.key !== key || !place.firstChild) {
    Object.assign(s, { key, cards: data.cards });
    build(place, s);
  }
  show(place, s);
}
