import { createTheme, type VariantColorsResolver } from '@mantine/core';

/** Two colours, both from the tokens: the accent and danger. Everything else is neutral. */
const resolver: VariantColorsResolver = ({ color, variant }) => {
  const name = color === 'danger' ? 'danger' : 'accent';
  if (variant === 'filled') {
    const fill = `var(--sb-${name})`;
    return { background: fill, hover: fill, color: `var(--sb-on-${name})`, border: '1px solid transparent' };
  }
  const text = color === 'danger' ? 'var(--sb-danger)' : 'var(--sb-text)';
  const border = variant === 'subtle' ? '1px solid transparent' : '1px solid var(--sb-border-strong)';
  const background = variant === 'subtle' ? 'transparent' : 'var(--sb-surface)';
  return { background, hover: 'var(--sb-surface-strong)', color: text, border };
};

export const theme = createTheme({
  variantColorResolver: resolver,
  fontFamily: 'var(--sb-font)',
  fontFamilyMonospace: 'var(--sb-font-code)',
  defaultRadius: 4,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'sm', withThumbIndicator: false } },
  },
});
