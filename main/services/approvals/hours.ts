import type { RuleCondition } from '../../../contract/policy.ts';

type Hours = NonNullable<RuleCondition['window']>;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether an instant lies in these hours of a time zone. Hours that end before they begin go over midnight and belong to
 * the day on which they began. Null for a zone that this system does not know.
 * @param now RFC 3339, UTC
 */
export function isWithin(now: string, { zone, days, from, to }: Hours): boolean | null {
  const local = localTime(now, zone);
  if (local === null) return null;
  const { day, time } = local;
  if (from <= to) return days.includes(day) && from <= time && time < to;
  return (days.includes(day) && time >= from) || (days.includes((day + 6) % 7) && time < to);
}

function localTime(now: string, zone: string): { day: number; time: string } | null {
  try {
    const format = formats.get(zone) ?? formatOf(zone);
    const parts = new Map(format.formatToParts(new Date(now)).map(({ type, value }) => [type, value]));
    const time = `${parts.get('hour') ?? ''}:${parts.get('minute') ?? ''}`;
    return { day: DAYS.indexOf(parts.get('weekday') ?? ''), time };
  } catch {
    return null;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, format);
  return format;
}
