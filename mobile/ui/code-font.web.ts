import { fonts } from '../../contract/design/tokens.ts';

/** The system's fixed-width face. */
export const codeFont: string = fonts.code;
