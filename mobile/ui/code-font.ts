import { Platform } from 'react-native';

/** The system's fixed-width face. */
export const codeFont = Platform.OS === 'ios' ? 'Menlo' : 'monospace';
