// Draws the app's icons: a railway colour-light signal on its mast. Run `npm run icons` after a change.
// No drawing library: shapes are distance functions, edges are smoothed over one pixel, PNG is zlib plus CRCs.
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const ink = {
  dark: [18, 22, 27],
  metal: [164, 175, 188],
  head: [41, 48, 58],
  green: [92, 200, 132],
  amber: [237, 189, 93],
};

/** Signed distance to a box with rounded corners, all lengths as fractions of the picture. */
const box = (cx, cy, w, h, r) => (x, y) => {
  const dx = Math.abs(x - cx) - w / 2 + r;
  const dy = Math.abs(y - cy) - h / 2 + r;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - r;
};
const disc = (cx, cy, r) => (x, y) => Math.hypot(x - cx, y - cy) - r;

const signal = [
  { shape: box(0.5, 0.74, 0.055, 0.26, 0.01), colour: ink.metal },
  { shape: box(0.5, 0.86, 0.3, 0.05, 0.02), colour: ink.metal },
  { shape: box(0.5, 0.4, 0.32, 0.52, 0.16), colour: ink.metal },
  { shape: box(0.5, 0.4, 0.28, 0.48, 0.14), colour: ink.head },
  { shape: disc(0.5, 0.28, 0.088), colour: ink.amber },
  { shape: disc(0.5, 0.52, 0.088), colour: ink.green },
];
const outline = [
  ...signal.slice(0, 3).map((part) => ({ ...part, colour: [255, 255, 255] })),
  { shape: disc(0.5, 0.28, 0.088), colour: null },
  { shape: disc(0.5, 0.52, 0.088), colour: null },
];

/** Paints `parts` in order; a part without colour cuts a hole. `zoom` shrinks towards the middle (safe zones). */
function paint(size, background, parts, zoom) {
  const pixels = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const x = ((column + 0.5) / size - 0.5) / zoom + 0.5;
      const y = ((row + 0.5) / size - 0.5) / zoom + 0.5;
      let [r, g, b, a] = background ? [...background, 1] : [0, 0, 0, 0];
      for (const { shape, colour } of parts) {
        const cover = Math.min(1, Math.max(0, 0.5 - shape(x, y) * size * zoom));
        if (cover === 0) continue;
        if (!colour) {
          a *= 1 - cover;
          continue;
        }
        [r, g, b] = [r, g, b].map((old, i) => (a === 0 ? colour[i] : old + (colour[i] - old) * cover));
        a += (1 - a) * cover;
      }
      pixels.set([r, g, b, a * 255].map(Math.round), (row * size + column) * 4);
    }
  }
  return pixels;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(size, pixels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1)
    pixels.copy(rows, row * (size * 4 + 1) + 1, row * size * 4, (row + 1) * size * 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const pictures = [
  ['icon.png', 1024, ink.dark, signal, 1],
  ['icon-foreground.png', 512, null, signal, 0.64],
  ['icon-monochrome.png', 512, null, outline, 0.64],
  ['favicon.png', 64, ink.dark, signal, 1],
];
for (const [name, size, background, parts, zoom] of pictures) {
  writeFileSync(new URL(name, import.meta.url), png(size, paint(size, background, parts, zoom)));
}
