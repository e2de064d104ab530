/**
 * Whether a request may use the cookie that came with it. Browsers send cookies without being asked, so what changes
 * something must come from a page of our own: the same host, or one of the addresses the dashboard is known under.
 */
export function originAllowed(
  origin: string | undefined,
  host: string,
  publicUrls: readonly string[],
): boolean {
  if (origin === undefined) return false
  if (publicUrls.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
