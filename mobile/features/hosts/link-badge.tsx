import type { LinkState } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { Banner } from '../../ui/banner.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { useNow } from '../../ui/use-now.ts';

export function LinkBadge({ link }: { link: LinkState }) {
  switch (link.kind) {
    case 'online':
      return <StatusBadge icon="check" word={t.link.online} tone="ok" />;
    case 'connecting':
      return <StatusBadge icon="spinner" word={t.link.connecting} tone="info" />;
    case 'offline':
      return <StatusBadge icon="offline" word={t.link.offline} tone="warning" />;
    case 'refused':
      return <StatusBadge icon="cross" word={t.link.refused} tone="danger" />;
  }
}

/** Says that what stands below is old, and how old. Nothing while the host is online. */
export function OfflineBanner({ host }: { host: { readonly name: string; readonly link: LinkState } }) {
  const now = useNow(30_000);
  const { name, link } = host;
  switch (link.kind) {
    case 'online':
      return null;
    case 'connecting':
      return <Banner icon="spinner" tone="info" text={t.link.connectingBanner(name)} />;
    case 'offline': {
      const text =
        link.asOf === null
          ? t.link.neverHeardBanner(name)
          : t.link.offlineBanner(name, ago(t, link.asOf, now));
      return <Banner icon="offline" tone="warning" text={text} />;
    }
    case 'refused':
      return <Banner icon="cross" tone="danger" text={t.link.refusedBanner(name)} />;
  }
}
