import { readQr } from './qr-detector.ts';

type Source = HTMLVideoElement | HTMLCanvasElement | ImageBitmap | ImageData;

function sizeOf(source: Exclude<Source, ImageData>): { width: number; height: number } {
  if (source instanceof HTMLVideoElement) return { width: source.videoWidth, height: source.videoHeight };
  return { width: source.width, height: source.height };
}

/**
 * The part of the Shape Detection API that expo-camera uses, in plain JavaScript. Without it expo-camera would fetch a
 * WebAssembly decoder from a CDN: a request to a stranger, and one that our content policy blocks.
 */
// A class, since expo-camera calls it with `new`.
class QrBarcodeDetector {
  private readonly canvas = document.createElement('canvas');

  static getSupportedFormats(): Promise<string[]> {
    return Promise.resolve(['qr_code']);
  }

  detect(source: Source): Promise<object[]> {
    const picture = source instanceof ImageData ? source : this.draw(source);
    const rawValue = picture && readQr(picture);
    if (picture === undefined || rawValue === undefined) return Promise.resolve([]);
    const { width, height } = picture;
    const corner = (x: number, y: number): { x: number; y: number } => ({ x, y });
    const cornerPoints = [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)];
    const boundingBox = new DOMRectReadOnly(0, 0, width, height);
    return Promise.resolve([{ format: 'qr_code', rawValue, boundingBox, cornerPoints }]);
  }

  private draw(source: Exclude<Source, ImageData>): ImageData | undefined {
    const { width, height } = sizeOf(source);
    if (width === 0 || height === 0) return undefined;
    this.canvas.width = width;
    this.canvas.height = height;
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    context?.drawImage(source, 0, 0);
    return context?.getImageData(0, 0, width, height);
  }
}

/** Installs the detector where the browser has none. To be imported before expo-camera. */
if (!('BarcodeDetector' in globalThis)) {
  Object.defineProperty(globalThis, 'BarcodeDetector', {
    value: QrBarcodeDetector,
    configurable: true,
    writable: true,
  });
}
