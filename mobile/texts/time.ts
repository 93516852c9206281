import type { Texts } from './t.ts';

const MINUTE = 60_000;

/** How long ago `at` was, in words. Both in milliseconds since 1970; a time in the future counts as now. */
export function ago(texts: Texts, at: number, now: number): string {
  const minutes = Math.floor((now - at) / MINUTE);
  if (minutes < 1) return texts.time.now;
  if (minutes < 60) return texts.time.minutes(minutes);
  if (minutes < 24 * 60) return texts.time.hours(Math.floor(minutes / 60));
  return texts.time.days(Math.floor(minutes / (24 * 60)));
}

/** Time left as `m:ss` or `h:mm:ss`, rounded up to a second, so that `0:00` means over. */
export function clock(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  if (minutes < 60) return `${String(minutes)}:${rest}`;
  return `${String(Math.floor(minutes / 60))}:${two(minutes % 60)}:${rest}`;
}

/** The time of day of `at` on this device, to the second. */
export function timeOfDay(at: number): string {
  const then = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(then.getHours())}:${two(then.getMinutes())}:${two(then.getSeconds())}`;
}

/** The time of day of `at` on this device, with the day when it was not today. `ago` stands behind it. */
export function when(texts: Texts, at: number, now: number): string {
  const then = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  const sameDay = then.toDateString() === new Date(now).toDateString();
  const day = `${String(then.getFullYear())}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return texts.time.at(sameDay ? time : `${day} ${time}`, ago(texts, at, now));
}
