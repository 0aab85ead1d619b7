// Decoding of a payload: "GFL1", header length, JSON header, typed arrays (see demos/picture/payload).

const MISSING = -32768; // position of a particle that is not drawn
const MISSING_BYTE = 255;
const ARRAYS = {
  u1: Uint8Array, i2: Int16Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array,
};

// The header alone, which identifies the picture.
function peek(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== "GFL1") {
    throw new Error("The picture did not arrive: these bytes are not a picture.");
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (8 + length > bytes.length) throw new Error("The picture did not arrive whole.");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  header.body = 8 + length;
  return header;
}

// The whole picture: every array reference in the header becomes { data, shape, low, high }. Asynchronous only for
// compressed arrays.
async function decode(bytes) {
  const picture = await readArrays(bytes, peek(bytes));
  picture.panels.forEach((panel, index) => {
    panel.index = index;
    panel.layers.forEach((layer) => { layer.frames = picture.frames; });
  });
  return picture;
}

async function readArrays(bytes, header) {
  // Typed arrays need an aligned start, which the received bytes may not have.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const base = whole.byteOffset + header.body;
  const waiting = [];
  const array = (item) => {
    const size = item.shape.reduce((a, b) => a * b, 1);
    const start = base + item.at;
    if (start + (item.packed ?? size * ARRAYS[item.type].BYTES_PER_ELEMENT) > whole.byteOffset + whole.length) {
      throw new Error("The picture did not arrive whole.");
    }
    if (!item.packed) return { ...item, data: new ARRAYS[item.type](whole.buffer, start, size) };
    const later = { ...item, data: null };
    const packed = new Uint8Array(whole.buffer, start, item.packed);
    waiting.push(unpack(packed, size, size / item.shape[0]).then((data) => { later.data = data; }));
    return later;
  };
  const read = (item) => {
    if (Array.isArray(item)) return item.map(read);
    if (item === null || typeof item !== "object") return item;
    if ("at" in item && "type" in item) return array(item);
    return Object.fromEntries(Object.entries(item).map(([name, part]) => [name, read(part)]));
  };
  const all = read(header);
  await Promise.all(waiting);
  return all;
}

// Decompress an array of bytes that is stored as differences between frames.
async function unpack(packed, size, frame) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const data = new Uint8Array(await new Response(stream).arrayBuffer());
  if (data.length !== size) throw new Error("The picture did not arrive whole.");
  for (let k = frame; k < size; k++) data[k] += data[k - frame]; // modulo 256
  return data;
}
