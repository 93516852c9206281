import { useState } from 'react';
import { Pressable, View } from 'react-native';
import { radii, spacing, targets } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

export interface PickerChoice {
  readonly id: string;
  readonly name: string;
  /** What it means; may be empty. */
  readonly description: string;
}

function ChoiceRow(props: {
  choice: PickerChoice;
  chosen: boolean;
  disabled: boolean;
  onChoose: () => void;
}) {
  const { palette } = useTheme();
  const { choice, chosen, disabled } = props;
  return (
    <Pressable
      accessibilityRole="radio"
      accessibilityLabel={choice.name}
      {...(choice.description !== '' && { accessibilityHint: choice.description })}
      accessibilityState={{ checked: chosen, disabled }}
      aria-checked={chosen}
      disabled={disabled}
      onPress={props.onChoose}
      style={({ pressed }) => ({
        minHeight: targets.touch,
        flexDirection: 'row',
        alignItems: 'center',
        gap: spacing.sm,
        padding: spacing.sm,
        borderRadius: radii.md,
        backgroundColor: pressed ? palette.surfaceStrong : palette.surface,
        opacity: disabled ? 0.5 : 1,
      })}
    >
      <View style={{ width: 20 }}>{chosen && <Icon name="check" colour={palette.accent} />}</View>
      <View style={{ flex: 1 }}>
        <Words size={chosen ? 'bodyStrong' : 'body'}>{choice.name}</Words>
        {choice.description !== '' && (
          <Words size="caption" colour={palette.textMuted}>
            {choice.description}
          </Words>
        )}
      </View>
    </Pressable>
  );
}

/** One of many: the chosen one in sight, the others behind a press. */
export function Picker(props: {
  label: string;
  /** What it is about; may be empty. */
  description: string;
  choices: readonly PickerChoice[];
  chosen: string;
  disabled: boolean;
  onChoose: (id: string) => void;
}) {
  const { palette } = useTheme();
  const [open, setOpen] = useState(false);
  const { choices, chosen, description, disabled, label } = props;
  const name = choices.find(({ id }) => id === chosen)?.name ?? chosen;
  return (
    <View style={{ gap: spacing.xs }}>
      <Pressable
        accessibilityRole="button"
        accessibilityLabel={`${label}: ${name}`}
        {...(description !== '' && { accessibilityHint: description })}
        accessibilityState={{ expanded: open }}
        aria-expanded={open}
        onPress={() => {
          setOpen(!open);
        }}
        style={{
          minHeight: targets.touch,
          flexDirection: 'row',
          alignItems: 'center',
          gap: spacing.sm,
          paddingHorizontal: spacing.md,
          paddingVertical: spacing.sm,
          borderRadius: radii.md,
          borderWidth: 1,
          borderColor: palette.borderStrong,
        }}
      >
        <View style={{ flex: 1 }}>
          <Words size="caption" colour={palette.textMuted}>
            {label}
          </Words>
          <Words size="bodyStrong">{name}</Words>
        </View>
        <View style={{ transform: [{ rotate: open ? '90deg' : '0deg' }] }}>
          <Icon name="chevron" colour={palette.textMuted} />
        </View>
      </Pressable>
      {open && (
        <View accessibilityRole="radiogroup" accessibilityLabel={label}>
          {description !== '' && <Words size="caption">{description}</Words>}
          {choices.map((choice) => (
            <ChoiceRow
              key={choice.id}
              choice={choice}
              chosen={choice.id === chosen}
              disabled={disabled}
              onChoose={() => {
                setOpen(false);
                if (choice.id !== chosen) props.onChoose(choice.id);
              }}
            />
          ))}
        </View>
      )}
    </View>
  );
}
