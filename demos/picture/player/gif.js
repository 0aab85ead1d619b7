// Animated GIF (GIF89a) with one palette; each frame stores only the pixels that changed since the one before.

const GIF_COLORS = 255; // and one entry for unchanged pixels
const AS_BEFORE = 255;

// Colours are counted in bins of 5, 6 and 5 bits.
const binOf = (r, g, b) => ((r >> 3) << 11) | ((g >> 2) << 5) | (b >> 3);

// The palette for these images (RGBA bytes), and the entry for every bin, by median cut (Heckbert, SIGGRAPH 1982): the
// box of bins with the largest error is split next, at the median of its longest side.
function paletteOf(images) {
  const counts = new Float64Array(1 << 16);
  for (const image of images) {
    for (let k = 0; k < image.length; k += 4) counts[binOf(image[k], image[k + 1], image[k + 2])]++;
  }
  const bins = [];
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin]) bins.push(bin);
  const channel = [(bin) => (bin >> 11) << 3, (bin) => ((bin >> 5) & 63) << 2, (bin) => (bin & 31) << 3];
  // Rare colours, such as those of a line or a mark, get a larger weight.
  const weight = (bin) => Math.sqrt(counts[bin]);
  const box = (list) => {
    let side = 0, spread = -1, total = 0;
    for (const bin of list) total += weight(bin);
    channel.forEach((value, c) => {
      let low = 255, high = 0;
      for (const bin of list) {
        low = Math.min(low, value(bin));
        high = Math.max(high, value(bin));
      }
      if (high - low > spread) [side, spread] = [c, high - low];
    });
    return { list, side, total, error: list.length > 1 ? spread * spread * total : 0 };
  };
  const boxes = [box(bins)];
  while (boxes.length < GIF_COLORS) {
    const at = boxes.reduce((best, one, i) => (one.error > boxes[best].error ? i : best), 0);
    const { list, side, total, error } = boxes[at];
    if (error === 0) break;
    list.sort((a, b) => channel[side](a) - channel[side](b));
    let cut = 0;
    for (let sum = 0; cut < list.length - 1 && sum < total / 2; cut++) sum += weight(list[cut]);
    boxes.splice(at, 1, box(list.slice(0, cut)), box(list.slice(cut)));
  }
  const colors = new Uint8Array(3 * 256);
  boxes.forEach(({ list, total }, i) => {
    channel.forEach((value, c) => {
      const mean = list.reduce((sum, bin) => sum + weight(bin) * value(bin), 0) / total;
      colors[3 * i + c] = Math.min(255, Math.round(mean) + (c === 1 ? 2 : 4)); // the centre of the bin
    });
  });
  return { colors, count: boxes.length, entries: new Int16Array(1 << 16).fill(-1) };
}

// The nearest entry of the palette, computed once for each bin.
function entryOf({ colors, count, entries }, bin) {
  if (entries[bin] >= 0) return entries[bin];
  const [r, g, b] = [((bin >> 11) << 3) + 4, (((bin >> 5) & 63) << 2) + 2, ((bin & 31) << 3) + 4];
  let best = 0, least = Infinity;
  for (let i = 0; i < count; i++) {
    const far = (colors[3 * i] - r) ** 2 + (colors[3 * i + 1] - g) ** 2 + (colors[3 * i + 2] - b) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return (entries[bin] = best);
}

// LZW with codes of 9 to 12 bits (GIF89a, appendix F), in blocks of at most 255 bytes.
function lzw(pixels, out) {
  const table = new Uint16Array(4096 * 256); // code before, next pixel → code; 0: none
  const CLEAR = 256, END = 257;
  let bits = 9, next = 258, buffer = 0, held = 0, start = out.length;
  out.push(8, 0);
  let block = out.length - 1;
  const byte = (value) => {
    if (out[block] === 255) {
      out.push(0);
      block = out.length - 1;
    }
    out.push(value);
    out[block]++;
  };
  const put = (code) => {
    buffer |= code << held;
    held += bits;
    for (; held >= 8; held -= 8, buffer >>= 8) byte(buffer & 255);
  };
  put(CLEAR);
  let before = pixels[0];
  for (let k = 1; k < pixels.length; k++) {
    const slot = (before << 8) | pixels[k];
    if (table[slot]) {
      before = table[slot];
      continue;
    }
    put(before);
    if (next < 4096) {
      if (next >= 1 << bits) bits++;
      table[slot] = next++;
    } else {
      put(CLEAR);
      table.fill(0);
      [bits, next] = [9, 258];
    }
    before = pixels[k];
  }
  put(before);
  if (next >= 1 << bits && bits < 12) bits++;
  put(END);
  if (held > 0) byte(buffer & 255);
  out.push(0);
  return out.length - start;
}

// A writer for frames of one size; `samples`: some of the frames, for the palette.
function gifWriter(width, height, samples) {
  const palette = paletteOf(samples);
  const short = (value) => [value & 255, value >> 8];
  const text = (words) => [...words].map((letter) => letter.charCodeAt(0));
  const parts = [new Uint8Array([
    ...text("GIF89a"), ...short(width), ...short(height), 0xf7, 0, 0, ...palette.colors,
    0x21, 0xff, 11, ...text("NETSCAPE2.0"), 3, 1, 0, 0, 0, // repeat forever
  ])];
  let shown = null;
  return {
    // image: RGBA bytes; seconds: its duration.
    async add(image, seconds) {
      const whole = new Uint8Array(width * height);
      for (let k = 0, i = 0; k < whole.length; k++, i += 4) {
        whole[k] = entryOf(palette, binOf(image[i], image[i + 1], image[i + 2]));
      }
      const changed = whole.map((entry, k) => (shown && shown[k] === entry ? AS_BEFORE : entry));
      shown = whole;
      const out = [0x21, 0xf9, 4, 0b101, ...short(Math.max(2, Math.round(100 * seconds))), AS_BEFORE, 0,
        0x2c, 0, 0, 0, 0, ...short(width), ...short(height), 0];
      lzw(changed, out);
      parts.push(new Uint8Array(out));
    },
    end: () => new Blob([...parts, new Uint8Array([0x3b])], { type: "image/gif" }),
  };
}
