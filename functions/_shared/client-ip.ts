/**
 * The client's address from X-Forwarded-For: the entry that the outermost of our own `trustedHops` proxies appended. Entries
 * further left were sent by the client and may be lies. Undefined when there is none or it is not an address.
 */
export function clientIp(forwardedFor: string | undefined, trustedHops: number): string | undefined {
  if (forwardedFor === undefined || trustedHops === 0) return undefined;
  const entry = forwardedFor.split(',').at(-trustedHops)?.trim();
  if (entry === undefined) return undefined;
  const address = entry.replace(/^\[(.+)\](:\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
  return isAddress(address) ? address.toLowerCase() : undefined;
}

/** What a rate limit counts by: an IPv4 address, or the /64 that one IPv6 customer owns. */
export function rateKeyOf(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function isAddress(text: string): boolean {
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return text.split('.').every((part) => Number(part) <= 255);
  return text.includes(':') && /^[0-9a-fA-F:]{2,39}(\d{1,3}(\.\d{1,3}){3})?$/.test(text);
}
