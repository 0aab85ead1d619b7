// Text with subscripts and superscripts: p_σ, x_{end}, p^w. The mark is followed by a letter or a group in braces.

const MARKED = /([_^])(?:\{([^{}]*)\}|([\p{L}\p{N}]))/gu;
const SMALLER = 0.72;

// The parts of a text, [{ text, lift }]: lift 1 is a superscript, -1 a subscript. An underscore inside a word is text.
function richParts(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(MARKED)) {
    const [whole, mark, group, letter] = match;
    const before = text[match.index - 1] ?? " ";
    const after = text[match.index + whole.length] ?? " ";
    if (/\s/.test(before) || (group === undefined && mark === "_" && /\p{L}/u.test(after))) continue;
    if (match.index > last) parts.push({ text: text.slice(last, match.index), lift: 0 });
    parts.push({ text: group ?? letter, lift: mark === "_" ? -1 : 1 });
    last = match.index + whole.length;
  }
  if (last < text.length) parts.push({ text: text.slice(last), lift: 0 });
  return parts;
}

const isRich = (text) => text.includes("_") || text.includes("^");

const sizeOf = (font) => Number(font.match(/(\d+(?:\.\d+)?)px/)[1]);
const smallerFont = (font) => font.replace(/(\d+(?:\.\d+)?)px/, (_, size) => `${(size * SMALLER).toFixed(1)}px`);

// The width, like ctx.measureText(text).width.
function measureRich(ctx, text) {
  if (!isRich(text)) return ctx.measureText(text).width;
  const { font } = ctx;
  let width = 0;
  for (const part of richParts(text)) {
    ctx.font = part.lift ? smallerFont(font) : font;
    width += ctx.measureText(part.text).width;
  }
  ctx.font = font;
  return width;
}

// Draws like ctx.fillText or, with `stroke`, ctx.strokeText: text wider than `most` is compressed.
function fillRich(ctx, text, x, y, most = Infinity, stroke = false) {
  const write = (words, ...place) => (stroke ? ctx.strokeText(words, ...place) : ctx.fillText(words, ...place));
  if (!isRich(text)) {
    if (most < Infinity) write(text, x, y, Math.max(1, most));
    else write(text, x, y);
    return;
  }
  const { font, textAlign } = ctx;
  const size = sizeOf(font);
  const width = measureRich(ctx, text);
  const squeeze = Math.min(1, Math.max(1, most) / width);
  let at = -(textAlign === "right" ? width : textAlign === "center" ? width / 2 : 0);
  ctx.save();
  ctx.textAlign = "left";
  ctx.translate(x, 0);
  ctx.scale(squeeze, 1);
  for (const part of richParts(text)) {
    ctx.font = part.lift ? smallerFont(font) : font;
    write(part.text, at, y - part.lift * size * (part.lift > 0 ? 0.36 : 0.2));
    at += ctx.measureText(part.text).width;
  }
  ctx.restore();
}

// The same as DOM nodes: text, <sub> and <sup>.
function richNodes(text) {
  return richParts(text).map(({ text: words, lift }) =>
    lift ? element(lift > 0 ? "sup" : "sub", {}, words) : document.createTextNode(words));
}
