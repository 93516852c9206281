import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { AccessibilityInfo, useColorScheme } from 'react-native';
import { motion, palettes } from '../../contract/design/tokens.ts';
import type { Palette, ThemeName } from '../../contract/design/tokens.ts';
import { watchHighContrast } from './high-contrast';

export interface Theme {
  readonly name: ThemeName;
  readonly palette: Palette;
  readonly reducedMotion: boolean;
  /** Milliseconds for a movement; 0 when the person asked for less of it. */
  readonly duration: (kind: 'quick' | 'normal') => number;
}

/** Which palette fits what the person set on the device. */
export function chooseTheme(scheme: string | null | undefined, highContrast: boolean): ThemeName {
  const dark = scheme === 'dark';
  if (highContrast) return dark ? 'contrastDark' : 'contrastLight';
  return dark ? 'dark' : 'light';
}

function makeTheme(name: ThemeName, reducedMotion: boolean): Theme {
  const duration = (kind: 'quick' | 'normal'): number => (reducedMotion ? motion.none : motion[kind]);
  return { name, palette: palettes[name], reducedMotion, duration };
}

const ThemeContext = createContext<Theme>(makeTheme('light', true));

function useReducedMotion(): boolean {
  const [reduced, setReduced] = useState(false);
  useEffect(() => {
    let current = true;
    void AccessibilityInfo.isReduceMotionEnabled().then((value) => {
      if (current) setReduced(value);
    });
    const listening = AccessibilityInfo.addEventListener('reduceMotionChanged', setReduced);
    return () => {
      current = false;
      listening.remove();
    };
  }, []);
  return reduced;
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const scheme = useColorScheme();
  const reducedMotion = useReducedMotion();
  const [highContrast, setHighContrast] = useState(false);
  useEffect(() => watchHighContrast(setHighContrast), []);
  const name = chooseTheme(scheme, highContrast);
  const theme = useMemo(() => makeTheme(name, reducedMotion), [name, reducedMotion]);
  return <ThemeContext.Provider value={theme}>{children}</ThemeContext.Provider>;
}

export function useTheme(): Theme {
  return useContext(ThemeContext);
}
