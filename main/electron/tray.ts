import { Menu, nativeImage, Tray, type MenuItemConstructorOptions, type NativeImage } from 'electron';
import type { Texts } from './texts.ts';
import { drawIcon } from './tray-icon.ts';
import { startingMenu, type TrayAction, type TrayItem } from './tray-menu.ts';
import type { Mark } from './tray-status.ts';

const SIZES = process.platform === 'darwin' ? [18, 36] : process.platform === 'win32' ? [16, 32] : [22, 44];

export interface TrayView {
  readonly mark: Mark;
  readonly line: string;
  readonly needsYou: number;
  readonly items: readonly TrayItem[];
}

export interface TrayIcon {
  /** Shows this, if it differs from what is shown: a menu that is rebuilt loses its place under the pointer. */
  show(view: TrayView): void;
  /** Sets up the icon anew, for a panel that came later than we did. */
  renew(): void;
  remove(): void;
}

/** The icon in the tray, from the first moment; the host follows. */
export function setupTray(deps: {
  texts: Texts;
  run(action: TrayAction): void;
  /** A plain click, where the system tells it apart from opening the menu. */
  clicked(): void;
}): TrayIcon {
  const { texts, run, clicked } = deps;
  const images = new Map<Mark, NativeImage>();
  let view: TrayView = { mark: 'idle', line: texts.status.starting, needsYou: 0, items: startingMenu(texts) };
  let shownItems = '';
  let tray = make();

  function make(): Tray {
    const made = new Tray(imageOf(view.mark));
    made.on('click', clicked);
    shownItems = '';
    draw(made, null);
    return made;
  }

  function imageOf(mark: Mark): NativeImage {
    const known = images.get(mark);
    if (known) return known;
    const template = process.platform === 'darwin';
    const image = nativeImage.createEmpty();
    SIZES.forEach((size, index) => {
      image.addRepresentation({
        scaleFactor: index + 1,
        width: size,
        height: size,
        buffer: nativeImage
          .createFromBitmap(drawIcon(mark, size, template), { width: size, height: size })
          .toPNG(),
      });
    });
    image.setTemplateImage(template);
    images.set(mark, image);
    return image;
  }

  function draw(on: Tray, before: TrayView | null): void {
    if (before?.mark !== view.mark) on.setImage(imageOf(view.mark));
    if (before?.line !== view.line) on.setToolTip(`${texts.appName}: ${view.line}`);
    if (process.platform === 'darwin' && before?.needsYou !== view.needsYou) {
      on.setTitle(view.needsYou > 0 ? String(view.needsYou) : '');
    }
    const items = JSON.stringify(view.items);
    if (items === shownItems) return;
    shownItems = items;
    on.setContextMenu(Menu.buildFromTemplate(view.items.map(toElectron)));
  }

  function toElectron(item: TrayItem): MenuItemConstructorOptions {
    switch (item.kind) {
      case 'separator':
        return { type: 'separator' };
      case 'text':
        return { label: item.label, enabled: false };
      case 'submenu':
        return { label: item.label, submenu: item.items.map(toElectron) };
      case 'item':
        return {
          label: item.label,
          enabled: item.enabled ?? true,
          ...(item.mark && { type: item.mark.as, checked: item.mark.checked }),
          click() {
            run(item.action);
            // The system has moved the mark already; only the state says where it belongs.
            if (item.mark) redraw();
          },
        };
    }
  }

  function redraw(): void {
    shownItems = '';
    draw(tray, view);
  }

  return {
    show(next) {
      const before = view;
      view = next;
      draw(tray, before);
    },
    renew() {
      tray.destroy();
      tray = make();
    },
    remove() {
      tray.destroy();
    },
  };
}
