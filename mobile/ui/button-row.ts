import type { ViewStyle } from 'react-native';
import { spacing } from '../../contract/design/tokens.ts';

/** Buttons side by side as long as their words fit on a line; with large text one stands below the other. */
export const buttonRow: ViewStyle = {
  flexDirection: 'row',
  flexWrap: 'wrap',
  alignItems: 'flex-end',
  gap: spacing.md,
};

export const buttonRowItem: ViewStyle = {
  flexGrow: 1,
  flexShrink: 1,
  flexBasis: 'auto',
  minWidth: '40%',
  maxWidth: '100%',
};
