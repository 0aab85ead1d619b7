// Animated WebP: the browser encodes each frame; this joins them into one file (RIFF; WebP container specification).

const QUALITY = 0.8;

const riffBytes = (value, size) => Array.from({ length: size }, (_, k) => (value >> (8 * k)) & 255);

function riffChunk(name, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Uint8Array(8 + size + (size % 2));
  out.set([...name].map((letter) => letter.charCodeAt(0)));
  out.set(riffBytes(size, 4), 4);
  let at = 8;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// The chunks of a WebP image that contain its pixels.
function pixelChunks(file) {
  const found = [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 12; at + 8 <= file.length;) {
    const name = String.fromCharCode(...file.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    if (["ALPH", "VP8 ", "VP8L"].includes(name)) found.push(file.subarray(at, at + 8 + size + (size % 2)));
    at += 8 + size + (size % 2);
  }
  return found;
}

const packWebP = (canvas) => new Promise((done) => canvas.toBlob(done, "image/webp", QUALITY));

// Whether this browser can encode WebP: Safari gives a PNG instead.
const packsWebP = () => document.createElement("canvas").toDataURL("image/webp").startsWith("data:image/webp");

function webpWriter(width, height) {
  const frames = [];
  const size = [...riffBytes(width - 1, 3), ...riffBytes(height - 1, 3)];
  return {
    // canvas: the frame; seconds: its duration.
    async add(canvas, seconds) {
      const still = new Uint8Array(await (await packWebP(canvas)).arrayBuffer());
      const head = [0, 0, 0, 0, 0, 0, ...size, ...riffBytes(Math.round(1000 * seconds), 3), 0b10]; // no blending
      frames.push(riffChunk("ANMF", Uint8Array.from(head), ...pixelChunks(still)));
    },
    end() {
      const first = riffChunk("VP8X", Uint8Array.from([0b10, 0, 0, 0, ...size]));
      const loops = riffChunk("ANIM", Uint8Array.from([0, 0, 0, 0, 0, 0])); // repeat forever
      const name = Uint8Array.from([..."WEBP"].map((letter) => letter.charCodeAt(0)));
      return new Blob([riffChunk("RIFF", name, first, loops, ...frames)], { type: "image/webp" });
    },
  };
}
