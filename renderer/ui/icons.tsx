/** Line icons on a grid of 16; strokes take the colour of the text beside them. */
const paths = {
  agents: 'M3 5.5h10v7H3v-7ZM8 5.5V3M8 3V2.4M6 8.3v1.2M10 8.3v1.2M1.5 8v2.5M14.5 8v2.5',
  approvals: 'M8 1.5 13.5 4v4c0 3.2-2.2 5.4-5.5 6.5C4.7 13.4 2.5 11.2 2.5 8V4L8 1.5ZM5.5 8l2 2 3-4',
  audit: 'M4 1.5h5.5L13 5v9.5H4v-13ZM9.5 1.5V5H13M6 8h5M6 11h5',
  bridge: 'M1.5 11.5c0-4 2.9-6.5 6.5-6.5s6.5 2.5 6.5 6.5M1.5 11.5h13M5 11.5V6M11 11.5V6M8 11.5V5',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  circle: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Z',
  clock: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 4.5V8l2.5 1.5',
  copy: 'M5.5 5.5h8v8h-8v-8ZM10.5 5.5v-3h-8v8h3',
  cross: 'm4 4 8 8M12 4l-8 8',
  devices: 'M4.5 1.5h7v13h-7v-13ZM7 12.5h2',
  dot: 'M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  info: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 7.5V11M8 5v.2',
  lock: 'M3.5 7h9v6.5h-9V7ZM5.5 7V4.8a2.5 2.5 0 0 1 5 0V7',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z',
  offline:
    'M2 2l12 12M4.3 8.3a5 5 0 0 1 2-1.2M9.9 7.2a5 5 0 0 1 1.8 1.1M2 6a8.5 8.5 0 0 1 2.4-1.6M7.5 3.6A8.5 8.5 0 0 1 14 6M8 12v.2',
  overview: 'M2 2.5h5v5H2v-5ZM9 2.5h5v3H9v-3ZM9 7.5h5v6H9v-6ZM2 9.5h5v4H2v-4Z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.2 12 8l-7 4.8V3.2Z',
  plus: 'M8 3v10M3 8h10',
  processes: 'M1.5 2.5h13v11h-13v-11ZM4 6l2 2-2 2M8 10h3.5',
  question: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM6.3 6.4A1.8 1.8 0 1 1 8.6 8c-.5.2-.6.5-.6 1M8 11.2v.2',
  remote: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5M9 3 7 13',
  restart: 'M12.8 6A5.2 5.2 0 1 0 13 9.2M13 2.8V6H9.8',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.3 10.3 14 14',
  settings: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 2.8v3.4M5.5 9.8v3.4',
  square: 'M4 4h8v8H4V4Z',
  tasks: 'M2 3.5h2v2H2v-2ZM6.5 4.5H14M2 10h2v2H2v-2ZM6.5 11H14',
  tunnels:
    'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM1.8 8h12.4M8 1.8c-4 4-4 8.4 0 12.4M8 1.8c4 4 4 8.4 0 12.4',
  warning: 'M8 2 14.5 13.5h-13L8 2ZM8 6.5v3M8 11.5v.2',
} as const;

export type IconName = keyof typeof paths;

/** Always beside a word: hidden from screen readers. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
