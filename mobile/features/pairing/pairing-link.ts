/** Longer than any pairing code; what is longer is not even looked at. */
const LONGEST_LINK = 512;

/**
 * Whether the text may be a pairing link: `signalbox://p#…`, or a web address of a host with the path `/p` and a
 * fragment. A quick look before the channel's own parser: a camera sees many codes that are not ours.
 */
export function mayBePairingLink(text: string): boolean {
  if (text.length > LONGEST_LINK) return false;
  return /^(signalbox:\/\/p|https?:\/\/[^\s/?#]+\/p)#[^\s#]+$/.test(text);
}

/** Holds a link with which the app was opened until the pairing screen takes it; it never enters the router's history. */
export function createIncomingLink(): { put: (link: string) => void; take: () => string | undefined } {
  let held: string | undefined;
  return {
    put(link) {
      if (mayBePairingLink(link)) held = link;
    },
    take() {
      const link = held;
      held = undefined;
      return link;
    },
  };
}

/** One for the app: the router hands links over before any component exists. */
export const incomingLink = createIncomingLink();
