import encodeQR from 'qr';
import { useMemo } from 'react';

/** Light modules around the code, as the standard asks for. */
const QUIET = 4;

/**
 * Draws exactly this text as a QR code: black on white whatever the theme is, because cameras expect it.
 * @param testId where a test finds it
 */
export function QrCode({ text, label, testId }: { text: string; label: string; testId?: string }) {
  const { path, size } = useMemo(() => qrPath(text), [text]);
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      data-testid={testId}
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}

/** The dark modules as one path, with the quiet zone of four modules that the standard asks for. */
export function qrPath(text: string): { path: string; size: number } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET });
  const pieces: string[] = [];
  rows.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      if (row[x] !== true) {
        x += 1;
        continue;
      }
      const start = x;
      while (row[x] === true) x += 1;
      pieces.push(`M${start} ${y}h${x - start}v1h-${x - start}z`);
    }
  });
  return { path: pieces.join(''), size: rows.length };
}
