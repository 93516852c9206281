/** Only browsers have an address bar; the apps get their links through `+native-intent`. */
export function takeLinkFromAddress(): string | undefined {
  return undefined;
}
