import { AppState } from 'react-native';

/** Whether the app is in front of an unlocked screen. The web has a variant of this module. */
export function isInFront(): boolean {
  return AppState.currentState === 'active';
}
