let users = 0;
const sheets = new Set<CSSStyleSheet>();

/**
 * The terminal library writes its rules into `<style>` elements and exact colours into `style` attributes; the content
 * policy of this page forbids both, so that no text can ever become style. Until the last terminal is closed, the same
 * rules go through style sheets and style objects, which the policy leaves to scripts.
 * @returns what takes it back
 */
export function allowStyles(): () => void {
  if (users === 0)
    Object.defineProperty(document, 'createElement', {
      configurable: true,
      value(name: string, options?: ElementCreationOptions): HTMLElement {
        if (name.toLowerCase() === 'style') return styleElement();
        const element = made(name, options);
        if (name.toLowerCase() === 'span') takeStyleAttribute(element);
        return element;
      },
    });
  users += 1;
  return () => {
    users -= 1;
    if (users > 0) return;
    Reflect.deleteProperty(document, 'createElement');
    for (const sheet of [...sheets]) drop(sheet);
  };
}

const make: unknown = Reflect.get(Document.prototype, 'createElement');

function made(...args: readonly unknown[]): HTMLElement {
  return Reflect.apply(make as (...args: readonly unknown[]) => HTMLElement, document, args);
}

function takeStyleAttribute(element: HTMLElement): void {
  element.setAttribute = (name: string, value: string) => {
    if (name === 'style') element.style.cssText = value;
    else Element.prototype.setAttribute.call(element, name, value);
  };
}

/** Stands where the `<style>` would; what is written into it becomes a sheet of the document. */
function styleElement(): HTMLElement {
  const element = made('span');
  const sheet = new CSSStyleSheet();
  element.hidden = true;
  sheets.add(sheet);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'sheet', { get: () => sheet });
  Object.defineProperty(element, 'textContent', {
    get: () => '',
    set(text: string) {
      sheet.replaceSync(text);
    },
  });
  element.remove = () => {
    drop(sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

function drop(sheet: CSSStyleSheet): void {
  sheets.delete(sheet);
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
}
