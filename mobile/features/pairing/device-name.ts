import { Dimensions, Platform } from 'react-native';

/** The shorter side of the largest phones, in points; tablets and desks have more. */
const PHONE_SIDE = 600;

/** What this device is called until the person names it. */
export function defaultDeviceName(): string {
  if (Platform.OS === 'ios') return Platform.isPad ? 'iPad' : 'iPhone';
  if (Platform.OS === 'android') return 'Android phone';
  const { height, width } = Dimensions.get('screen');
  return Math.min(height, width) < PHONE_SIDE ? 'Phone browser' : 'Browser';
}

/** A name is 1 to 64 characters without control characters. */
export function isDeviceName(name: string): boolean {
  const trimmed = name.trim();
  return trimmed.length >= 1 && trimmed.length <= 64 && !/\p{Cc}/u.test(trimmed);
}
