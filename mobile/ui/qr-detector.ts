import decodeQR from 'qr/decode.js';

/** Pixels as canvas gives them: RGBA, one byte each. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** The text of the QR code in the picture, or undefined when there is none that can be read. */
export function readQr(pixels: Pixels): string | undefined {
  try {
    return decodeQR({ width: pixels.width, height: pixels.height, data: pixels.data });
  } catch {
    // The decoder throws for "no code here", which is the normal case between two frames.
    return undefined;
  }
}
