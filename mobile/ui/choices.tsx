import { Pressable, View } from 'react-native';
import { radii, spacing, targets } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** One of a few: all choices visible, the chosen one marked by a tick as well as by colour. */
export function Choices<Id extends string>(props: {
  label: string;
  /** The label is only spoken: what can be chosen says enough. */
  quiet?: boolean;
  /** `note`: said behind the name. `off`: shown, but cannot be chosen. */
  choices: readonly {
    readonly id: Id;
    readonly name: string;
    readonly note?: string;
    readonly off?: boolean;
  }[];
  chosen: Id | undefined;
  onChoose: (id: Id) => void;
}) {
  const { palette } = useTheme();
  return (
    <View style={{ gap: spacing.xs }} accessibilityRole="radiogroup" accessibilityLabel={props.label}>
      {props.quiet !== true && <Words size="bodyStrong">{props.label}</Words>}
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.sm }}>
        {props.choices.map(({ id, name, note, off = false }) => {
          const text = note === undefined ? name : `${name} · ${note}`;
          const chosen = id === props.chosen;
          return (
            <Pressable
              key={id}
              accessibilityRole="radio"
              accessibilityLabel={text}
              accessibilityState={{ checked: chosen, disabled: off }}
              disabled={off}
              onPress={() => {
                props.onChoose(id);
              }}
              style={{
                minHeight: targets.touch,
                minWidth: targets.touch,
                maxWidth: '100%',
                flexDirection: 'row',
                alignItems: 'center',
                justifyContent: 'center',
                gap: spacing.xs,
                paddingHorizontal: spacing.md,
                borderRadius: radii.md,
                borderWidth: 1,
                borderColor: chosen ? palette.accent : palette.borderStrong,
                backgroundColor: palette.surface,
                opacity: off ? 0.5 : 1,
              }}
            >
              {chosen && <Icon name="check" colour={palette.accent} size={16} />}
              <View style={{ flexShrink: 1 }}>
                <Words colour={chosen ? palette.accent : palette.text}>{text}</Words>
              </View>
            </Pressable>
          );
        })}
      </View>
    </View>
  );
}
