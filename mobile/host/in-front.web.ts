/** Whether the page is the one that is looked at. */
export function isInFront(): boolean {
  return document.visibilityState === 'visible';
}
