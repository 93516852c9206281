import { AccessibilityInfo, Platform } from 'react-native';

/** Reports whether the person asked the system for more contrast, now and at every change. Returns how to stop. */
export function watchHighContrast(report: (on: boolean) => void): () => void {
  const ios = Platform.OS === 'ios';
  let current = true;
  const ask = ios
    ? AccessibilityInfo.isDarkerSystemColorsEnabled()
    : AccessibilityInfo.isHighTextContrastEnabled();
  void ask.then((on) => {
    if (current) report(on);
  });
  const event = ios ? 'darkerSystemColorsChanged' : 'highTextContrastChanged';
  const listening = AccessibilityInfo.addEventListener(event, report);
  return () => {
    current = false;
    listening.remove();
  };
}
