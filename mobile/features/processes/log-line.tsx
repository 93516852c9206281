import { memo } from 'react';
import { Text, View } from 'react-native';
import { spacing, type as typeScale } from '../../../contract/design/tokens.ts';
import type { LogLine } from '../../../contract/process-logs.ts';
import { t } from '../../texts/t.ts';
import { timeOfDay } from '../../texts/time.ts';
import { codeFont } from '../../ui/code-font';
import { plainLine } from '../../ui/plain-line.ts';
import { useTheme } from '../../ui/theme.tsx';

/** One line of a log, wrapped; its time and whether it was error output stand before it, as words. */
export const LogLineRow = memo(function LogLineRow(props: {
  line: LogLine;
  marked: boolean;
  showName: boolean;
}) {
  const { palette } = useTheme();
  const { line, marked, showName } = props;
  const { cut, text } = plainLine(line.text);
  const isError = line.stream === 'stderr';
  const { line: lineHeight, size: fontSize } = typeScale.code;
  const time = timeOfDay(Date.parse(line.at));
  const before = [...(showName ? [line.name] : []), time].join(' ');
  const spoken = [...(isError ? [t.logs.errorLine] : []), before, text].join(', ');
  return (
    <View
      style={{
        paddingHorizontal: spacing.md,
        paddingVertical: spacing.xs / 2,
        borderLeftWidth: 3,
        borderLeftColor: marked ? palette.accent : isError ? palette.danger : palette.codeSurface,
        backgroundColor: marked ? palette.infoSurface : palette.codeSurface,
      }}
    >
      <Text
        selectable
        maxFontSizeMultiplier={2}
        accessibilityLabel={spoken}
        style={{ color: palette.codeText, fontFamily: codeFont, fontSize, lineHeight }}
      >
        <Text style={{ color: palette.codeMuted }}>{`${before} `}</Text>
        {isError && <Text style={{ color: palette.danger }}>{`${t.logs.error} `}</Text>}
        {text}
        {(cut || line.cut === true) && <Text style={{ color: palette.codeMuted }}>{` … ${t.logs.cut}`}</Text>}
      </Text>
    </View>
  );
});
