import { inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Bytes a pixel by colour type: grey, RGB, grey and alpha, RGBA. Palettes are not what browsers write. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 black to 255 white; see-through pixels count as if on white. */
  readonly luma: Uint8Array;
}

/**
 * Reads a PNG as a browser's screenshot writes it: 8 bits a channel, not interlaced.
 * @throws TypeError for any other
 */
export function readPng(png: Buffer): GreyImage {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new TypeError('not a PNG');
  const parts: Buffer[] = [];
  let header: Buffer | null = null;
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = data;
    if (type === 'IDAT') parts.push(data);
    at += 12 + length;
  }
  const channels = CHANNELS[header?.[9] ?? -1];
  if (!header || channels === undefined || header[8] !== 8 || header[12] !== 0) {
    throw new TypeError('only 8-bit PNGs without interlacing or palette are read here');
  }
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const rows = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  return { width, height, luma: toLuma(rows, width * height, channels) };
}

/** Undoes the filters of PNG (its specification, section 9): each row is told as a difference to its neighbours. */
function unfilter(raw: Buffer, stride: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const here = y * stride + x;
      const left = x >= step ? (out[here - step] ?? 0) : 0;
      const up = y > 0 ? (out[here - stride] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (out[here - stride - step] ?? 0) : 0;
      out[here] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function toLuma(rows: Uint8Array, pixels: number, channels: number): Uint8Array {
  const luma = new Uint8Array(pixels);
  const coloured = channels >= 3;
  for (let i = 0; i < pixels; i += 1) {
    const at = i * channels;
    const [r = 0, g = 0, b = 0] = rows.subarray(at, at + 3);
    const grey = coloured ? 0.299 * r + 0.587 * g + 0.114 * b : (rows[at] ?? 0);
    const alpha = channels % 2 === 0 ? (rows[at + channels - 1] ?? 255) / 255 : 1;
    luma[i] = Math.round(grey * alpha + 255 * (1 - alpha));
  }
  return luma;
}
