const QUIET = 2;

/**
 * A QR code for a terminal, two rows of modules to a line of text. Colours are set, so that it is dark on light in a
 * dark terminal too; without colours light is drawn and dark left out, as most terminals are dark.
 */
export async function drawQr(text: string, colours: boolean): Promise<string> {
  const { encodeQR } = await import('qr');
  return halfBlocks(encodeQR(text, 'raw', { border: QUIET, ecc: 'low' }), colours);
}

/** Pure. `true` is a dark module. */
export function halfBlocks(modules: readonly (readonly boolean[])[], colours: boolean): string {
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const upper = modules[row] ?? [];
    const lower = modules[row + 1] ?? upper.map(() => false);
    const line = upper.map((dark, column) => block(!dark, !(lower[column] ?? false))).join('');
    lines.push(colours ? `\u001b[97;40m${line}\u001b[0m` : line);
  }
  return lines.join('\n');
}

function block(upperLight: boolean, lowerLight: boolean): string {
  if (upperLight) return lowerLight ? '█' : '▀';
  return lowerLight ? '▄' : ' ';
}
