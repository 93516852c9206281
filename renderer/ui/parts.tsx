import { Button } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { WireError } from '../../contract/errors.ts';
import type { Query } from '../host/use-host.tsx';
import { useHostView, useOnline, usePending } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { Icon, type IconName } from './icons.tsx';
import { SafeText } from './safe-text.tsx';

/** One screen: its name, what it is for, what can be begun here. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const known = useHostView((view) => view.known);
  return (
    <div className="page">
      <header className="page-header">
        <div>
          <h1>{title}</h1>
          <p className="muted">{lead}</p>
        </div>
        {known && actions !== undefined && <div className="buttons">{actions}</div>}
      </header>
      {known ? children : <Loading />}
    </div>
  );
}

export function Card({
  title,
  actions,
  children,
  flush = false,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className={flush ? 'card card-flush' : 'card'}>
      {title !== undefined && (
        <header className="card-header">
          <h2>{title}</h2>
          {actions !== undefined && <div className="buttons">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function Loading() {
  return (
    <p className="empty" role="status">
      <Icon name="clock" /> {en.common.loading}
    </p>
  );
}

/** Says what will appear here and offers the one next step. */
export function Empty({
  icon,
  children,
  action,
}: {
  icon: IconName;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} size={20} />
      <p>{children}</p>
      {action}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: WireError; onRetry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <Icon name="warning" />
      <p>
        <SafeText text={error.message} /> <code>{error.code}</code>
      </p>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {en.common.retry}
        </Button>
      )}
    </div>
  );
}

/** The three faces of something that was asked for. */
export function Answer<T>({
  query,
  onRetry,
  children,
}: {
  query: Query<T>;
  onRetry?: () => void;
  children: (value: T) => ReactNode;
}) {
  if (query.state === 'loading') return <Loading />;
  if (query.state === 'failed') return <Failure error={query.error} {...(onRetry && { onRetry })} />;
  return children(query.value);
}

export interface ActionButtonProps {
  /** The key under which the action is pending. */
  action: string;
  onClick?(): void;
  /** Sends the form that it stands in; so does Enter in one of its fields. */
  submit?: boolean;
  children: ReactNode;
  variant?: 'filled' | 'default' | 'subtle';
  color?: 'accent' | 'danger';
  disabled?: boolean;
  label?: string;
}

/** A button for a command: off while the host is away, and marked while its answer is awaited. */
export function ActionButton({
  action,
  variant = 'default',
  color = 'accent',
  disabled = false,
  submit = false,
  label,
  ...rest
}: ActionButtonProps) {
  const pending = usePending(action);
  const online = useOnline();
  return (
    <Button
      variant={variant}
      color={color}
      type={submit ? 'submit' : 'button'}
      disabled={disabled || !online || pending}
      aria-busy={pending}
      title={online ? undefined : en.link.buttonOff}
      aria-label={label}
      {...rest}
    />
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no');
  useEffect(() => {
    if (copied === 'no') return;
    const timer = window.setTimeout(() => setCopied('no'), 2000);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied('yes'),
      () => setCopied('failed'),
    );
  const said = { no: en.common.copy, yes: en.common.copied, failed: en.common.copyFailed }[copied];
  return (
    <Button
      variant="default"
      aria-label={copied === 'no' ? en.common.copyThing(what) : said}
      onClick={() => void copy()}
    >
      <Icon name={copied === 'yes' ? 'check' : 'copy'} /> <span className="button-word">{said}</span>
    </Button>
  );
}

/** An address or a command to take elsewhere. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="copy-line">
      <code>
        <SafeText text={text} />
      </code>
      <CopyButton text={text} what={what} />
    </div>
  );
}

/** Names and values, in two columns. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Argv({ argv }: { argv: readonly string[] }) {
  return (
    <ol className="argv" aria-label={en.approvals.argv}>
      {argv.map((token, i) => (
        <li key={i}>
          <code>
            {token === '' ? (
              <span className="muted">{en.approvals.emptyToken}</span>
            ) : (
              <SafeText text={token} />
            )}
          </code>
        </li>
      ))}
    </ol>
  );
}
