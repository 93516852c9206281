/** Processors in use as people say it: 1 core all of the time is 100 %. @param used null when not known yet */
export function cpuText(used: number | null): string {
  if (used === null) return '…';
  const percent = 100 * used;
  return `${percent < 9.95 && percent > 0 ? percent.toFixed(1) : Math.round(percent)} %`;
}
