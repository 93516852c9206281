/** Reports whether the browser was asked for more contrast, now and at every change. Returns how to stop. */
export function watchHighContrast(report: (on: boolean) => void): () => void {
  const query = window.matchMedia('(prefers-contrast: more)');
  const tell = (): void => {
    report(query.matches);
  };
  tell();
  query.addEventListener('change', tell);
  return () => {
    query.removeEventListener('change', tell);
  };
}
