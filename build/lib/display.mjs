/**
 * Can a window be shown here?
 * @param {{ platform: string, env: Record<string, string | undefined> }} machine
 */
export function hasDisplay({ platform, env }) {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}
