/** The installed app is no page: nobody on the way could have changed it. */
export function cameThroughTunnel(): boolean {
  return false;
}
