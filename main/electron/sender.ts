export interface Sender {
  readonly contentsId: number;
  /** Null when the frame is gone already. */
  readonly frameUrl: string | null;
  readonly isTopFrame: boolean;
}

/** Whether a message comes from the top frame of our own window, showing our own site. */
export function isOurPage(sender: Sender, windowContentsId: number | null): boolean {
  if (sender.contentsId !== windowContentsId || !sender.isTopFrame || sender.frameUrl === null) return false;
  return isSiteUrl(sender.frameUrl);
}

export function isSiteUrl(raw: string): boolean {
  if (!URL.canParse(raw)) return false;
  const url = new URL(raw);
  // `origin` is "null" for schemes that the parser does not know, so the parts are compared.
  return (
    url.protocol === 'app:' &&
    url.host === 'signalbox' &&
    url.username === '' &&
    url.password === '' &&
    url.port === ''
  );
}
