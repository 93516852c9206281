import { Path, Svg } from 'react-native-svg';

/** Line drawings on a grid of 24, made for this app; no icon font is shipped. */
const drawings = {
  inbox: 'M4 13 6 5h12l2 8v6H4zM4 13h5l1 3h4l1-3h5',
  agents: 'M12 3v3M6 6h12v9H6zM9.5 10v1.5M14.5 10v1.5M8 19h8M12 15v4',
  plus: 'M12 5v14M5 12h14',
  host: 'M4 5h16v10H4zM9 20h6M12 15v5',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4.5v5M6 14.5v5',
  check: 'M5 12.5 10 17.5 19 7',
  cross: 'M6 6l12 12M18 6 6 18',
  alert: 'M12 4 21 19H3zM12 10v4M12 16.5v.5',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 1 0 0-16M12 8v4l3 2',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5l11 7-11 7z',
  restart: 'M19 12a7 7 0 1 1-2-5M19 4v4h-4',
  search: 'M10.5 5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11M15 15l5 5',
  stop: 'M7 7h10v10H7z',
  shield: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  camera: 'M4 8h4l1.5-2h5L16 8h4v11H4zM12 10.5a3 3 0 1 0 0 6 3 3 0 1 0 0-6',
  chevron: 'M9 6l6 6-6 6',
  back: 'M15 6l-6 6 6 6',
  offline: 'M4 9a12 12 0 0 1 16 0M7.5 13a7 7 0 0 1 9 0M12 17.5v.5M4 4l16 16',
  signal:
    'M12 2.5a4.5 4.5 0 0 1 4.5 4.5v5a4.5 4.5 0 0 1-9 0V7A4.5 4.5 0 0 1 12 2.5M12 6v1M12 12v1M12 16.500v4M8.500 21h7',
  question: 'M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 17.500v.5',
  spinner: 'M12 4a8 8 0 1 1-8 8',
} as const;

export type IconName = keyof typeof drawings;

/** Decoration beside a word: hidden from screen readers, which read the word. */
export function Icon({ name, colour, size = 20 }: { name: IconName; colour: string; size?: number }) {
  return (
    <Svg
      width={size}
      height={size}
      style={{ flexShrink: 0 }}
      viewBox="0 0 24 24"
      fill="none"
      aria-hidden
      accessibilityElementsHidden
    >
      <Path d={drawings[name]} stroke={colour} strokeWidth={2} strokeLinecap="round" strokeLinejoin="round" />
    </Svg>
  );
}
