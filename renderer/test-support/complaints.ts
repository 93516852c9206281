import type { Page } from 'playwright-core';

/** What scrolls by itself on purpose: code, logs and diffs, whose lines are as long as they are. */
const WIDE_ON_PURPOSE = '.log, .log-results, .diff-body, .code-block, pre, .argv, .xterm';

/**
 * What somebody who looks closely would complain about: what stands out of the window or of its box, controls without
 * a name, text that is hard to tell from what is behind it (WCAG 2.2, 1.4.3: 4.5 to 1).
 */
export function complaintsOf(page: Page): Promise<string[]> {
  return page.evaluate((wideOnPurpose) => {
    const complaints: string[] = [];
    const nameOf = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.classList[0] ?? ''} “${(element.textContent || '').trim().slice(0, 40)}”`;
    const isSeen = (element: Element) => {
      const { width, height } = element.getBoundingClientRect();
      return (
        width > 1 &&
        height > 1 &&
        element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      );
    };
    const dialog = document.querySelector('dialog[open]');
    const root = dialog ?? document.body;
    const all = [...root.querySelectorAll('*')].filter(isSeen);

    function labelOf(element: Element): string {
      const by = element.getAttribute('aria-labelledby') ?? '';
      const labelled = by.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '');
      const labels =
        element instanceof HTMLInputElement ||
        element instanceof HTMLSelectElement ||
        element instanceof HTMLTextAreaElement
          ? [...(element.labels ?? [])]
          : [];
      const own = element instanceof HTMLElement ? element.innerText : '';
      return [
        element.getAttribute('aria-label') ?? '',
        ...labelled,
        ...labels.map((label) => label.textContent),
        own,
      ]
        .join('')
        .trim();
    }

    function channels(colour: string): [number, number, number, number] {
      const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      if (!canvas) return [0, 0, 0, 1];
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    }
    const luminance = ([r, g, b]: [number, number, number, number]) => {
      const [x, y, z] = [r, g, b].map((one) => {
        const part = one / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const known = new Map<string, number>();
    function contrast(element: Element): number {
      const colour = getComputedStyle(element).color;
      let behind: Element | null = element;
      while (behind && channels(getComputedStyle(behind).backgroundColor)[3] < 0.99)
        behind = behind.parentElement;
      const ground = behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)';
      const key = `${colour} ${ground}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const [light = 1, dark = 0] = [luminance(channels(colour)), luminance(channels(ground))].sort(
        (a, b) => b - a,
      );
      const ratio = (light + 0.05) / (dark + 0.05);
      known.set(key, ratio);
      return ratio;
    }

    function ofBox(element: Element): void {
      const { overflowX, textOverflow } = getComputedStyle(element);
      const hasText = element.textContent.trim() !== '';
      if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth === 0 || !hasText) return;
      if (/auto|scroll/.test(overflowX)) complaints.push(`scrolls sideways: ${nameOf(element)}`);
      else if (/hidden|clip/.test(overflowX) && textOverflow !== 'ellipsis')
        complaints.push(`cut off: ${nameOf(element)}`);
    }
    function ofControl(element: Element): void {
      if (
        !element.matches('button, a[href], input:not([type=hidden]), select, textarea, summary, [role=tab]')
      )
        return;
      if (labelOf(element) === '') complaints.push(`without a name: ${nameOf(element)}`);
      const { right, left } = element.getBoundingClientRect();
      if (right > window.innerWidth + 1 || left < -1)
        complaints.push(`outside of the window: ${nameOf(element)}`);
    }
    function ofText(element: Element): void {
      const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      const isOff = element.closest(':disabled, [data-disabled], [aria-disabled=true]') !== null;
      if (!ownText || isOff || contrast(element) >= 4.5) return;
      complaints.push(`contrast ${contrast(element).toFixed(2)}: ${nameOf(element)}`);
    }

    if (document.documentElement.scrollWidth > window.innerWidth)
      complaints.push('the window scrolls sideways');
    for (const element of all) {
      if (element.closest('.visually-hidden, .skip-link')) continue;
      ofText(element);
      if (element.closest(wideOnPurpose)) continue;
      ofBox(element);
      ofControl(element);
    }
    return [...new Set(complaints)];
  }, WIDE_ON_PURPOSE);
}
