// The Share panel. The visitor's choices for the iframe are kept when the page's settings change.

const STATES = new WeakMap();
const SIZES = [["960", "540", "960 × 540, a slide"], ["640", "360", "640 × 360, half a slide"], ["100%", "720", "full width"]];
const THEMES = [["", "the viewer's theme"], ["light_theme", "light"], ["dark_theme", "dark"]];

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// The HTML of an iframe that shows the embedded page in another page.
function frame({ embedded, title }, { size, theme, autoplay, controls }) {
  const [width, height] = SIZES[size];
  const more = [theme && `embed_options=${theme}`, !autoplay && "autoplay=false", !controls && "controls=false"];
  const address = [embedded, ...more.filter(Boolean)].join("&");
  return `<iframe src="${escaped(address)}" title="${escaped(title)}" width="${width}" height="${height}" style="border: 0" allow="fullscreen"></iframe>`;
}

// Browsers have no clipboard API on plain http: then use the older command; if that fails too, the text stays selected.
async function copy(field, said) {
  let done = false;
  try {
    await navigator.clipboard.writeText(field.value);
    done = true;
  } catch {
    field.focus();
    field.select();
    done = document.execCommand("copy");
  }
  said.textContent = done ? "Copied." : "Selected: press Ctrl+C (⌘C) to copy.";
}

function copyable(label, field) {
  const said = node("span", { class: "said", role: "status" });
  const button = node("button", { type: "button", "aria-label": `Copy: ${label}` }, "Copy");
  button.onclick = () => copy(field, said);
  field.setAttribute("aria-label", label);
  return node("div", { class: "row" }, field, button, said);
}

function save(content, type, name) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  node("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function select(label, options, change) {
  const field = node("select", { "aria-label": label }, ...options.map((text, i) => node("option", { value: String(i) }, text)));
  field.onchange = () => change(Number(field.value));
  return field;
}

function box(label, change) {
  const field = node("input", { type: "checkbox" });
  field.checked = true;
  field.onchange = () => change(field.checked);
  return node("label", {}, field, ` ${label}`);
}

function build(s, root) {
  const wanted = { size: 0, theme: "", autoplay: true, controls: true };
  const link = node("input", { readonly: "", type: "text" }), html = node("textarea", { readonly: "", rows: "4" });
  const settings = node("textarea", { rows: "6", spellcheck: "false" });
  const image = node("img", { alt: "QR code of this link", width: "176", height: "176" });
  const long = node("p", {}, "This link is too long for a QR code.");
  const said = node("span", { class: "said", role: "status" });
  const put = (values) => {
    Object.assign(wanted, values);
    html.value = frame(s.data, wanted);
    for (const words of root.querySelectorAll(".said")) words.textContent = ""; // what was copied is out of date
  };
  const file = node("input", { type: "file", accept: ".json,application/json", hidden: "" });
  const use = (text) => {
    const short = text.length <= s.data.most;
    said.textContent = short ? "" : `Settings are a text of at most ${s.data.most.toLocaleString("en")} characters.`;
    if (short) s.send("settings", text);
  };
  file.onchange = async () => {
    const chosen = file.files[0];
    file.value = "";
    if (chosen) use(chosen.size > 4 * s.data.most ? " ".repeat(s.data.most + 1) : await chosen.text());
  };
  const button = (text, act) => {
    const made = node("button", { type: "button" }, text);
    made.onclick = act;
    return made;
  };
  const keep = button("Save the code (SVG)", async () => save(await (await fetch(image.src)).text(), "image/svg+xml", `${s.data.name}-qr.svg`));
  root.replaceChildren(
    node("h3", {}, "Link to this very picture"), copyable("Link", link),
    node("h3", {}, "Frame for a slide or a page"),
    node("div", { class: "choices" },
      select("Size", SIZES.map(([, , text]) => text), (size) => put({ size })),
      select("Theme", THEMES.map(([, text]) => text), (i) => put({ theme: THEMES[i][0] })),
      box("plays at once", (autoplay) => put({ autoplay })), box("controls", (controls) => put({ controls }))),
    copyable("Frame", html),
    node("h3", {}, "QR code"), image, long, keep,
    node("h3", {}, "Settings as JSON"), copyable("Settings", settings),
    node("div", { class: "row" }, button("Use this text", () => use(settings.value)), button("Open a file", () => file.click()),
      button("Save as a file", () => save(settings.value, "application/json", `${s.data.name}.json`)), file, said));
  s.show = () => {
    link.value = s.data.link;
    settings.value = s.data.settings;
    image.hidden = keep.hidden = !s.data.qr;
    long.hidden = Boolean(s.data.qr);
    if (s.data.qr) image.src = s.data.qr;
    put({});
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  let s = STATES.get(parentElement);
  if (!s || !s.root.isConnected) {
    s = { root: node("div", { class: "share" }) };
    STATES.set(parentElement, s);
    parentElement.append(s.root);
    build(s, s.root);
  }
  s.send = setTriggerValue;
  const changed = JSON.stringify(data) !== s.key;
  Object.assign(s, { data, key: JSON.stringify(data) });
  if (changed) s.show(); // unchanged data must not overwrite what the visitor is typing
}
