import { writeFileSync } from 'node:fs';
import type { GreyImage } from './png-pixels.ts';

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 10;
const WHITE = 235;
const BLACK = 16;
const NO_COLOUR = 128;

/**
 * Writes what a camera sees that is held in front of the picture: it fills the height, as large as it fits, on grey.
 * Chromium plays such a Y4M file over and over as its fake camera.
 */
export function writeCameraVideo(file: string, picture: GreyImage): void {
  const luma = Buffer.alloc(WIDTH * HEIGHT, 150);
  const scale = Math.min((WIDTH - 40) / picture.width, (HEIGHT - 40) / picture.height);
  const width = Math.floor(picture.width * scale);
  const height = Math.floor(picture.height * scale);
  const left = (WIDTH - width) >> 1;
  const top = (HEIGHT - height) >> 1;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const grey = averaged(picture, x / scale, y / scale, 1 / scale);
      luma[(top + y) * WIDTH + left + x] = BLACK + Math.round(((WHITE - BLACK) * grey) / 255);
    }
  }
  const colour = Buffer.alloc((WIDTH * HEIGHT) / 2, NO_COLOUR);
  const frame = [Buffer.from('FRAME\n'), luma, colour];
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(file, Buffer.concat([header, ...Array.from({ length: FRAMES }, () => frame).flat()]));
}

/** The mean of the source pixels under one target pixel: what a lens does to a picture that is too large. */
function averaged({ width, height, luma }: GreyImage, x: number, y: number, size: number): number {
  let sum = 0;
  let count = 0;
  const right = Math.min(width, Math.max(Math.floor(x) + 1, Math.floor(x + size)));
  const bottom = Math.min(height, Math.max(Math.floor(y) + 1, Math.floor(y + size)));
  for (let row = Math.floor(y); row < bottom; row += 1) {
    for (let column = Math.floor(x); column < right; column += 1) {
      sum += luma[row * width + column] ?? 255;
      count += 1;
    }
  }
  return count === 0 ? 255 : sum / count;
}
