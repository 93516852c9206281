import { useId } from 'react';
import { TextInput, View } from 'react-native';
import { radii, spacing, targets, type as typeScale } from '../../contract/design/tokens.ts';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** A labelled text field; `error` is said below it and to screen readers. */
export function Field(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  error?: string;
  multiline?: boolean;
  maxLength: number;
  /** For secrets and identifiers: no capitals, no corrections, nothing learnt by the keyboard. */
  literal?: boolean;
  /** Asks for the keyboard with digits. */
  numeric?: boolean;
  /** The keyboard's own key for "go". */
  onSubmit?: () => void;
}) {
  const { palette } = useTheme();
  const labelId = useId();
  return (
    <View style={{ gap: spacing.xs }}>
      <View nativeID={labelId}>
        <Words size="bodyStrong">{props.label}</Words>
      </View>
      <TextInput
        accessibilityLabel={props.label}
        accessibilityLabelledBy={labelId}
        value={props.value}
        onChangeText={props.onChange}
        maxLength={props.maxLength}
        multiline={props.multiline === true}
        {...(props.placeholder !== undefined && { placeholder: props.placeholder })}
        placeholderTextColor={palette.textMuted}
        {...(props.onSubmit && { onSubmitEditing: props.onSubmit, returnKeyType: 'search' })}
        {...(props.numeric && { inputMode: 'decimal' })}
        {...(props.literal && {
          autoCapitalize: 'none',
          autoCorrect: false,
          autoComplete: 'off',
          spellCheck: false,
        })}
        style={{
          minHeight: props.multiline ? 3 * targets.touch : targets.touch,
          borderWidth: 1,
          borderColor: props.error === undefined ? palette.borderStrong : palette.danger,
          borderRadius: radii.md,
          backgroundColor: palette.surface,
          color: palette.text,
          fontSize: typeScale.body.size,
          padding: spacing.md,
          textAlignVertical: props.multiline ? 'top' : 'center',
        }}
      />
      {props.error !== undefined && (
        <View accessibilityRole="alert">
          <Words size="caption" colour={palette.danger}>
            {props.error}
          </Words>
        </View>
      )}
    </View>
  );
}
