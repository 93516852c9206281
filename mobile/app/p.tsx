import { Redirect } from 'expo-router';
import { takeLinkFromAddress } from '../features/pairing/address-link';
import { incomingLink } from '../features/pairing/pairing-link.ts';

/** `https://<host>/p#…`: the pairing link as a web page. The fragment leaves the address bar before anything is drawn. */
export default function PairingLinkRoute() {
  const link = takeLinkFromAddress();
  if (link !== undefined) incomingLink.put(link);
  return <Redirect href="/pair" />;
}
