import { Notification } from 'electron';
import type { Notice } from './notices.ts';
import type { Texts } from './texts.ts';

const KEPT = 20;

/** Shows notices by the system's own notifications; a click opens what the notice is about. */
export function setupNotifications(texts: Texts, open: (route: string) => void): (notice: Notice) => void {
  // A notification that nobody holds is collected, and its click with it.
  const shown: Notification[] = [];
  return ({ title, route }) => {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body: texts.notify.body });
    notification.on('click', () => {
      open(route);
    });
    notification.show();
    shown.push(notification);
    if (shown.length > KEPT) shown.shift();
  };
}
