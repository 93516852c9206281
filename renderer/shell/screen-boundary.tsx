import { Component, type ReactNode } from 'react';
import { en } from '../texts/en.ts';
import { Failure } from '../ui/parts.tsx';

/** A screen that breaks takes only itself down. React offers this to classes alone. */
export class ScreenBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <Failure
        error={{ code: 'internal', message: en.app.broken }}
        onRetry={() => this.setState({ broken: false })}
      />
    );
  }
}
