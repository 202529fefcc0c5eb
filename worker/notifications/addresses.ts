import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Networks that nobody outside may make this worker talk to: those that the special-purpose registries of IANA (RFC 6890) do not call
 * globally reachable, those that carry an IPv4 address inside, and multicast.
 */
const NOT_PUBLIC: readonly (readonly [network: string, prefix: number])[] = [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    // Of Azure: public by its number, and answers each machine of its own network.
    ['168.63.129.16', 32],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ] as const),
  ...([
    // All of it but 2000::/3, and of that what is for documents, tunnels and tests.
    ['::', 3],
    ['4000::', 2],
    ['8000::', 1],
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['3fff::', 20],
  ] as const),
];

// A list each: Node takes an IPv4 address for the IPv6 one that carries it, which is never public.
const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, prefix] of NOT_PUBLIC) {
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  lists[family].addSubnet(network, prefix, family);
}

/** Whether an address is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return !lists[family].check(address, family);
}
