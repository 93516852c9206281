import encodeQR from 'qr';
import { readQr } from './qr-detector.ts';

/** Draws a QR code as a camera would hand it over: RGBA, with a quiet border, on a larger picture. */
function draw(text: string, width: number, height: number) {
  const rows = encodeQR(text, 'raw', { border: 4 });
  const scale = Math.floor(Math.min(width, height) / rows.length);
  const left = Math.floor((width - rows.length * scale) / 2);
  const top = Math.floor((height - rows.length * scale) / 2);
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < rows.length * scale; y += 1) {
    for (let x = 0; x < rows.length * scale; x += 1) {
      if (!rows[Math.floor(y / scale)]?.[Math.floor(x / scale)]) continue;
      data.fill(0, ((top + y) * width + left + x) * 4, ((top + y) * width + left + x) * 4 + 3);
    }
  }
  return { width, height, data };
}

const link = `signalbox://p#${'A'.repeat(66)}@long-name-of-a-quick-tunnel.trycloudflare.com`;

test('reads a pairing link from a picture of 640 by 480', () => {
  expect(readQr(draw(link, 640, 480))).toBe(link);
});

test('finds nothing on an empty or tiny picture', () => {
  expect(
    readQr({ width: 640, height: 480, data: new Uint8ClampedArray(640 * 480 * 4).fill(255) }),
  ).toBeUndefined();
  expect(readQr({ width: 1, height: 1, data: new Uint8ClampedArray(4) })).toBeUndefined();
});
