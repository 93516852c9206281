import type { Delivery } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';

/** What became of the last action. */
export function DeliveryNote({ delivery }: { delivery: Delivery | undefined }) {
  if (delivery === undefined) return null;
  switch (delivery.kind) {
    case 'refused':
      return <Banner icon="cross" tone="danger" text={t.delivery.refused(delivery.why)} />;
    case 'unknown':
      return <Banner icon="question" tone="warning" text={t.delivery.unknown} />;
    case 'done':
      return <Banner icon="check" tone="ok" text={t.delivery.done} />;
    case 'sending':
    case 'sent':
      return <Banner icon="spinner" tone="info" text={t.delivery[delivery.kind]} />;
  }
}
