/** The page's address if it carries a fragment, which is then removed from the bar and from the history. */
export function takeLinkFromAddress(): string | undefined {
  if (window.location.hash === '') return undefined;
  const link = window.location.href;
  window.history.replaceState(window.history.state, '', window.location.pathname);
  return link;
}
