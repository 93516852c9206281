// The least that is a tray app: an icon with Quit, and a window when it is started a second time.
const { app, BrowserWindow, Menu, nativeImage, Tray } = require('electron');
const { join } = require('node:path');

const SIZE = 22;
let tray = null;
let window = null;

if (!app.requestSingleInstanceLock()) app.exit(0);
app.on('window-all-closed', () => undefined);
app.on('second-instance', () => {
  window = new BrowserWindow({ width: 1200, height: 800, webPreferences: { sandbox: true } });
  window.webContents.once('did-finish-load', () => process.stdout.write('window loaded\n'));
  void window.loadFile(join(__dirname, 'index.html'));
});
void app.whenReady().then(() => {
  const bitmap = Buffer.alloc(SIZE * SIZE * 4, 0xc8);
  tray = new Tray(nativeImage.createFromBitmap(bitmap, { width: SIZE, height: SIZE }));
  tray.setContextMenu(Menu.buildFromTemplate([{ label: 'Quit', click: () => app.quit() }]));
});
process.on('SIGTERM', () => {
  tray?.destroy();
  app.exit(0);
});
