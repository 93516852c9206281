import type { Mark } from './tray-status.ts';

/** Distance to the edge of a shape at (x, y) in a square of side 1 around 0: negative inside. */
type Shape = (x: number, y: number) => number;

const disc =
  (radius: number): Shape =>
  (x, y) =>
    Math.hypot(x, y) - radius;
const box =
  (cx: number, cy: number, halfWidth: number, halfHeight: number): Shape =>
  (x, y) =>
    Math.max(Math.abs(x - cx) - halfWidth, Math.abs(y - cy) - halfHeight);
const union =
  (...shapes: Shape[]): Shape =>
  (x, y) =>
    Math.min(...shapes.map((shape) => shape(x, y)));
const without =
  (shape: Shape, hole: Shape): Shape =>
  (x, y) =>
    Math.max(shape(x, y), -hole(x, y));
const diamond =
  (radius: number): Shape =>
  (x, y) =>
    (Math.abs(x) + Math.abs(y) - radius) * Math.SQRT1_2;
/** Stands on its base, point upwards. */
const triangle: Shape = (x, y) => Math.max(y - 0.36, 0.866 * Math.abs(x) - 0.5 * (y + 0.44));
const turned =
  (shape: Shape): Shape =>
  (x, y) =>
    shape((x + y) * Math.SQRT1_2, (y - x) * Math.SQRT1_2);

const exclamation = union(box(0, -0.08, 0.06, 0.17), box(0, 0.22, 0.06, 0.06));
const cross = turned(union(box(0, 0, 0.06, 0.24), box(0, 0, 0.24, 0.06)));
const arrow = union(
  box(0, 0.12, 0.06, 0.14),
  turned(without(box(-0.04, -0.04, 0.14, 0.14), box(0.06, 0.06, 0.14, 0.14))),
);

/** Told apart without colour: a ring, a ring with a core, a diamond with "!", a triangle with an arrow, a square with a cross. */
const SHAPES: Readonly<Record<Mark, Shape>> = {
  idle: without(disc(0.42), disc(0.3)),
  working: union(without(disc(0.44), disc(0.34)), disc(0.22)),
  'needs-you': without(diamond(0.5), exclamation),
  exposed: without(triangle, arrow),
  problem: without(box(0, 0, 0.42, 0.42), cross),
};

/** Bright enough on a dark panel, dark enough on a light one. Red, green, blue. */
const COLOURS: Readonly<Record<Mark, readonly [number, number, number]>> = {
  idle: [128, 134, 145],
  working: [46, 134, 222],
  'needs-you': [217, 119, 6],
  exposed: [147, 78, 206],
  problem: [217, 48, 37],
};

/**
 * One icon as pixels: `size` by `size`, four bytes each in the order blue, green, red, alpha, colours multiplied with
 * alpha, as a bitmap of Electron has them.
 * @param monochrome black only, for systems that colour the icon themselves
 */
export function drawIcon(mark: Mark, size: number, monochrome = false): Buffer {
  const pixels = Buffer.alloc(size * size * 4);
  const [red, green, blue] = monochrome ? [0, 0, 0] : COLOURS[mark];
  const shape = SHAPES[mark];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const distance = shape((column + 0.5) / size - 0.5, (row + 0.5) / size - 0.5) * size;
      const alpha = Math.min(1, Math.max(0, 0.5 - distance));
      pixels.set(
        [blue * alpha, green * alpha, red * alpha, 255 * alpha].map(Math.round),
        (row * size + column) * 4,
      );
    }
  }
  return pixels;
}
