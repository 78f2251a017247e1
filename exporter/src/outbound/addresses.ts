/** Which addresses the service may connect to on behalf of a tenant. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Ranges of IPv4 that are not of the public internet (IANA's special-purpose registry). */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of IPv6, only this range is public, without the ranges below. */
const PUBLIC_IPV6 = ['2000::/3'];
/** Protocols, Teredo and documentation; 6to4 holds an IPv4 address of its own. */
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Forms of IPv6 whose last 32 bits are an IPv4 address: mapped, and NAT64. */
const WITH_IPV4 = ['::ffff:0:0/96', '64:ff9b::/96'];

const IPV6_GROUPS = 8;

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return list;
}

const notPublicIpv4 = listOf(NOT_PUBLIC_IPV4);
const publicIpv6 = listOf(PUBLIC_IPV6);
const notPublicIpv6 = listOf(NOT_PUBLIC_IPV6);
const withIpv4 = listOf(WITH_IPV4);

/** The IPv4 address in the last 32 bits of an IPv6 address. */
function lastBits(address: string): string {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted !== null) return dotted[1]!;
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: IPV6_GROUPS - first.length - last.length }, () => '0');
  const [high, low] = [...first, ...zeros, ...last].slice(-2).map((group) => parseInt(group, 16)) as [
    number,
    number,
  ];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

const inList = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

export class AllowedAddresses {
  private readonly allowed: BlockList;

  /** @param ranges CIDR ranges that are allowed although they are not public */
  constructor(ranges: readonly string[]) {
    this.allowed = listOf(ranges);
  }

  /** @param address IPv4 or IPv6, without brackets */
  has(address: string): boolean {
    // The zone names an interface of this host.
    const plain = address.replace(/%.*$/, '');
    if (isIPv4(plain)) return inList(this.allowed, plain) || !inList(notPublicIpv4, plain);
    if (!isIPv6(plain)) return false;
    if (inList(withIpv4, plain)) return this.has(lastBits(plain));
    if (inList(this.allowed, plain)) return true;
    return inList(publicIpv6, plain) && !inList(notPublicIpv6, plain);
  }
}
