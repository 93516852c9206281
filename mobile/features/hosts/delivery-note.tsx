import type { Delivery } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';

/** What became of the last action. `done`: how its success is told, where "Done" would say too much. */
export function DeliveryNote({
  delivery,
  done = t.delivery.done,
}: {
  delivery: Delivery | undefined;
  done?: string;
}) {
  if (delivery === undefined) return null;
  switch (delivery.kind) {
    case 'refused':
      return <Banner icon="cross" tone="danger" text={t.delivery.refused(delivery.why)} />;
    case 'unknown':
      return <Banner icon="question" tone="warning" text={t.delivery.unknown} />;
    case 'done':
      return <Banner icon="check" tone="ok" text={done} />;
    case 'partly': {
      const { of, taken, why } = delivery;
      return <Banner icon="question" tone="warning" text={t.delivery.partly(taken, of, why)} />;
    }
    case 'queued':
      return <Banner icon="clock" tone="info" text={t.delivery.queued} />;
    case 'sending':
    case 'sent':
      return <Banner icon="spinner" tone="info" text={t.delivery[delivery.kind]} />;
  }
}
