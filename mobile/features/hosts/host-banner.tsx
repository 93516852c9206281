import type { HostView, LinkState } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { when } from '../../texts/time.ts';
import { Banner } from '../../ui/banner.tsx';
import { useNow } from '../../ui/use-now.ts';

type Named = Pick<HostView, 'name' | 'link' | 'witness'>;

function LinkBanner({ link, name }: { link: LinkState; name: string }) {
  const now = useNow(30_000);
  switch (link.kind) {
    case 'online':
      return null;
    case 'connecting':
      return <Banner icon="spinner" tone="info" text={t.link.connectingBanner(name)} />;
    case 'offline': {
      const text =
        link.asOf === null
          ? t.link.neverHeardBanner(name)
          : t.link.offlineBanner(name, when(t, link.asOf, now));
      return <Banner icon="offline" tone="warning" text={text} />;
    }
    case 'locked-down':
      return <Banner icon="shield" tone="warning" text={t.link.lockedDownBanner(name)} />;
    case 'refused':
      return <Banner icon="cross" tone="danger" text={t.link.refusedBanner(name)} />;
    case 'renewal':
      return <Banner icon="clock" tone="warning" text={t.link.renewalBanner(name)} />;
    case 'renewal-over':
      return <Banner icon="cross" tone="warning" text={t.link.renewalOverBanner(name)} />;
    case 'rolled-back':
      return <Banner icon="alert" tone="danger" text={t.link.rolledBackBanner(name)} />;
    case 'downgraded':
      return <Banner icon="alert" tone="danger" text={t.link.downgradedBanner(name)} />;
    case 'outdated':
      return <Banner icon="alert" tone="warning" text={t.link.outdatedBanner(name)} />;
  }
}

/** What must be known of a host before what it says is read: that it is old, or that its record was altered. */
export function HostBanner({ host }: { host: Named }) {
  return (
    <>
      {host.witness.kind === 'altered' && (
        <Banner icon="alert" tone="danger" text={t.link.alteredBanner(host.name)} />
      )}
      <LinkBanner link={host.link} name={host.name} />
    </>
  );
}
