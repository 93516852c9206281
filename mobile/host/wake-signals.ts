import { AppState } from 'react-native';

/** Calls `wake` when the app comes to the front. Returns how to stop. The web has a variant of this module. */
export function watchWake(wake: () => void): () => void {
  const listening = AppState.addEventListener('change', (state) => {
    if (state === 'active') wake();
  });
  return () => {
    listening.remove();
  };
}
