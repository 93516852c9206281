import { Platform } from 'react-native';

/** What this device is called until the person names it. */
export function defaultDeviceName(): string {
  if (Platform.OS === 'ios') return Platform.isPad ? 'iPad' : 'iPhone';
  return Platform.OS === 'android' ? 'Android phone' : 'Browser';
}

/** A name is 1 to 64 characters without control characters. */
export function isDeviceName(name: string): boolean {
  const trimmed = name.trim();
  return trimmed.length >= 1 && trimmed.length <= 64 && !/\p{Cc}/u.test(trimmed);
}
